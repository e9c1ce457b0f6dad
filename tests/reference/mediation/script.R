# An indirect effect, its bootstrap and its sensitivity analysis, by base R's lm and the boot package.
# Run in this folder: Rscript script.R. Writes relaxed.csv (invented here) and output.json. Debian has no package
# `mediation`; the sensitivity formula is theorem 4 of Imai, Keele and Yamamoto 2010 (Stat Sci 25:51), written out below
# from the residuals of lm, and checked there against what it means: see `worked`.
suppressMessages({library(boot); library(jsonlite); library(sandwich)})
set.seed(20261121)
n <- 60; treated <- rep(1:0, n / 2); age <- round(rnorm(n, 45, 12)); before <- round(rnorm(n, 6, 1.5), 1)
relaxed <- round(4 + 1.2 * treated + 0.02 * age + rnorm(n), 2)
pain <- round(3 + 0.5 * before - 0.4 * treated - 0.6 * relaxed + rnorm(n), 2)
d <- data.frame(treated, age, before, relaxed, pain)
write.csv(d, "relaxed.csv", row.names = FALSE, quote = FALSE)

fits <- function(d) list(m = lm(relaxed ~ treated + age + before, d), y = lm(pain ~ treated + relaxed + age + before, d),
                         total = lm(pain ~ treated + age + before, d))
product <- function(d) { f <- fits(d); unname(coef(f$m)["treated"] * coef(f$y)["relaxed"]) }
sensitive <- function(d, rho) {
  f <- fits(d); r <- cor(resid(f$total), resid(f$m))
  s1 <- sqrt(mean(resid(f$total)^2)); s2 <- sqrt(mean(resid(f$m)^2))
  unname(coef(f$m)["treated"]) * s1 / s2 * (r - rho * sqrt((1 - r^2) / (1 - rho^2)))
}
B <- 399
b <- boot(d, function(d, i) product(d[i, ]), R = B, strata = d$treated)
jack <- sapply(1:n, function(i) product(d[-i, ]))
away <- mean(jack) - jack
ends <- boot.ci(b, 0.95, type = c("perc", "bca"), L = away)   # the acceleration from the jackknife, as ours

# What theorem 4 means: outcome and mediator made from a model whose errors correlate by 0.4; with very many patients
# lm's indirect effect is biased, and the formula at rho = 0.4 gives the true one, 1.2 * -0.6 = -0.72.
big <- 2e6; t <- rep(1:0, big / 2); e <- rnorm(big); m <- 1.2 * t + e
y <- -0.4 * t - 0.6 * m + 0.4 * e + sqrt(1 - 0.4^2) * rnorm(big)
w <- data.frame(treated = t, age = rnorm(big), before = rnorm(big), relaxed = m, pain = y)
f <- fits(d)
write_json(list(
  a = unname(coef(f$m)["treated"]), b = unname(coef(f$y)["relaxed"]), direct = unname(coef(f$y)["treated"]),
  direct_error = unname(sqrt(vcov(f$y)["treated", "treated"])), total = unname(coef(f$total)["treated"]),
  sensitivity = data.frame(rho = c(-0.5, -0.2, 0, 0.3), indirect = sapply(c(-0.5, -0.2, 0, 0.3), sensitive, d = d)),
  indices = boot.array(b, indices = TRUE), draws = as.numeric(b$t), without = jack,
  percentile = unname(ends$percent[4:5]), bca = unname(ends$bca[4:5]),
  worked = list(naive = product(w), corrected = sensitive(w, 0.4), true = -0.72),
  versions = list(R = R.version.string, boot = as.character(packageVersion("boot")))),
  "output.json", digits = 14, auto_unbox = TRUE)

# One variance between groups: lme4's restricted and full likelihood, its profile interval, the exact F test by anova.
# Run: Rscript script.R (R 4.2.2, lme4 1.1-31); writes data.csv and output.json beside itself. The profile is ML's: lme4
# profiles the full likelihood also for fits by REML.
suppressMessages(library(lme4))
set.seed(21)
cases <- list()
make <- function(groups, size, sd) {
  g <- rep(seq_len(groups), times = pmax(2, rpois(groups, size)))
  x <- round(rnorm(length(g)), 3); treated <- rbinom(length(g), 1, 0.5)
  y <- round(5 + 0.6 * x - treated + sd * rnorm(groups)[g] + sd * rnorm(groups)[g] * treated + rnorm(length(g)), 3)
  data.frame(group = g, x = x, treated = treated, y = y)
}
data <- list(few = make(6, 7, 0.7), many = make(14, 9, 0.5), alike = make(8, 8, 0))
table <- do.call(rbind, lapply(names(data), function(name) cbind(case = name, data[[name]])))
write.csv(table, "data.csv", row.names = FALSE, quote = FALSE)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-3, rhoend = 1e-10, maxfun = 1e5), calc.derivs = FALSE)
one <- function(name) {
  d <- data[[name]]; d$group <- factor(d$group)
  fits <- lapply(c(TRUE, FALSE), function(reml) lmer(y ~ x + treated + (1 | group), d, REML = reml, control = tight))
  p <- suppressWarnings(confint(profile(fits[[2]], which = 1, devtol = 1e-4, delta.cutoff = 1/64), parm = ".sig01"))
  slope <- lmer(y ~ x + treated + group + (0 + treated | group), d, control = tight)
  a <- anova(lm(y ~ x + treated, d), lm(y ~ x + treated + group, d))
  b <- anova(lm(y ~ x + treated + group, d), lm(y ~ x + treated * group, d))
  v <- function(m) as.numeric(VarCorr(m)[[1]])
  sprintf('"%s":{"reml":%.12g,"ml":%.12g,"sd_low":%.12g,"sd_high":%.12g,"slope":%.12g,"f":%.12g,"p":%.12g,"slope_f":%.12g,"slope_p":%.12g}',
    name, v(fits[[1]]), v(fits[[2]]), p[1], p[2], v(slope), a$F[2], a[2, "Pr(>F)"], b$F[2], b[2, "Pr(>F)"])
}
cat(sprintf("{%s}\n", paste(sapply(names(data), one), collapse = ",\n")), file = "output.json")

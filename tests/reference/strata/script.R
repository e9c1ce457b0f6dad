# Whether strata differ: F of arm by stratum by lm and by nlme's gls (unstructured, REML); Cochran's Q by metafor; Welch's F
# by oneway.test. Run in this folder: Rscript script.R. Writes visits.csv (invented here) and output.json.
suppressMessages({library(nlme); library(jsonlite); library(metafor)})
set.seed(20261122)
n <- 150; treated <- rep(1:0, n / 2); site <- sample(c("east", "north", "west"), n, TRUE); baseline <- round(rnorm(n, 6, 1.5), 1)
own <- rnorm(n)
d <- do.call(rbind, lapply(1:3, function(v) data.frame(id = 1:n, visit = v, treated, site, baseline,
  y = round(2 + 0.5 * baseline - 0.4 * v * treated * (1 + (site == "west")) + 0.3 * (site == "north") + own + rnorm(n, 0, 0.6 + 0.2 * v), 2))))
lost <- d$visit > 1 & runif(nrow(d)) < 0.15
d <- d[!lost, ]; d <- d[order(d$id, d$visit), ]
write.csv(d, "visits.csv", row.names = FALSE, quote = FALSE)
last <- d[d$visit == 3, ]
test <- anova(lm(y ~ treated + baseline + site, last), lm(y ~ treated * site + baseline, last))
ancova <- list(F = test$F[2], df1 = test$Df[2], df2 = test$Res.Df[2], p = test$`Pr(>F)`[2])
d$v <- factor(d$visit); d$north <- as.numeric(d$site == "north"); d$west <- as.numeric(d$site == "west")
mixed <- gls(y ~ 0 + v + v:treated + v:baseline + v:north + v:west + v:treated:north + v:treated:west, d,
             correlation = corSymm(form = ~ visit | id), weights = varIdent(form = ~ 1 | v),
             control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500))
at <- match(c("v3:treated:north", "v3:treated:west"), names(coef(mixed)))
b <- coef(mixed)[at]; wald <- drop(t(b) %*% solve(vcov(mixed)[at, at], b)) / 2
point <- c(-1.3, -0.4, -0.9, 0.2); error <- c(0.30, 0.45, 0.25, 0.60); df <- c(40, 18, 60, 9)
q <- rma(point, sei = error, method = "FE")
groups <- split(last$y, last$site)  # Welch's F takes means, their standard errors and n - 1
welch <- oneway.test(y ~ site, last)
write_json(list(ancova = ancova, mixed = list(F = wald, points = unname(b)),
  cochran = list(point = point, error = error, df = df, Q = q$QE, p = q$QEp),
  welch = list(point = unname(sapply(groups, mean)), error = unname(sapply(groups, function(y) sd(y) / sqrt(length(y)))),
    df = unname(sapply(groups, length) - 1), F = unname(welch$statistic), df2 = unname(welch$parameter[2]), p = welch$p.value),
  versions = list(R = R.version.string, nlme = as.character(packageVersion("nlme")), metafor = as.character(packageVersion("metafor")))),
  "output.json", digits = 14, auto_unbox = TRUE)

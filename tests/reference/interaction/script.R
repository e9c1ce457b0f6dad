# An interaction in a mixed model for repeated measures, by nlme's gls with an unstructured covariance (REML).
# Run in this folder: Rscript script.R. Writes visits.csv (invented here) and output.json.
suppressMessages({library(nlme); library(jsonlite)})
set.seed(20261121)
n <- 90; treated <- rep(1:0, n / 2); female <- rbinom(n, 1, 0.5); age <- round(rnorm(n, 50, 10)); baseline <- round(rnorm(n, 6, 1.5), 1)
own <- rnorm(n)
d <- do.call(rbind, lapply(1:3, function(v) data.frame(id = 1:n, visit = v, treated, female, age, baseline,
  y = round(2 + 0.5 * baseline + 0.01 * age - 0.4 * v * treated * (1 + female) + own + rnorm(n, 0, 0.6 + 0.2 * v), 2))))
lost <- d$visit > 1 & runif(nrow(d)) < 0.15
d <- d[!lost, ]; d <- d[order(d$id, d$visit), ]
write.csv(d, "visits.csv", row.names = FALSE, quote = FALSE)
d$v <- factor(d$visit)
fit <- function(formula) gls(formula, d, correlation = corSymm(form = ~ visit | id), weights = varIdent(form = ~ 1 | v),
                             control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500))
told <- function(model, name) list(point = unname(coef(model)[name]), error = unname(sqrt(vcov(model)[name, name])))
sex <- fit(y ~ 0 + v + v:treated + v:baseline + age + v:female + v:treated:female)
slope <- fit(y ~ 0 + v + v:treated + v:baseline + v:age + v:treated:age)
write_json(list(female = told(sex, "v3:treated:female"), age = told(slope, "v3:treated:age"), names = names(coef(sex)),
  versions = list(R = R.version.string, nlme = as.character(packageVersion("nlme")))), "output.json", digits = 14, auto_unbox = TRUE)

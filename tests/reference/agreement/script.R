# Kappa by psych and vcd, intraclass correlations by psych. Run: Rscript script.R > output-r.json
# (R 4.2.2, psych 2.2.9, vcd 1.4-11). The weighted standard error is vcd's: psych's differs from it, from statsmodels' and from
# a numeric derivative of the coefficient. ac1.py adds Gwet's AC1 and writes output.json.
suppressMessages({library(psych); library(vcd)})
num <- function(x) paste0("[", paste(format(as.numeric(x), digits = 15), collapse = ","), "]")
tables <- list(
  even = matrix(c(20, 5, 10, 15), 2, byrow = TRUE),
  rare = matrix(c(40, 3, 4, 6), 2, byrow = TRUE),
  grades = matrix(c(20, 3, 1, 2, 15, 4, 0, 2, 10), 3, byrow = TRUE),
  four = matrix(c(12, 4, 1, 0, 3, 14, 5, 1, 0, 4, 11, 3, 1, 0, 2, 9), 4, byrow = TRUE))
one <- function(name) {
  t <- as.table(tables[[name]]); p <- cohen.kappa(tables[[name]]); v <- Kappa(t, weights = "Fleiss-Cohen")
  stopifnot(abs(p$kappa - v$Unweighted["value"]) < 1e-9)
  sprintf('{"name":"%s","table":[%s],"kappa":%.15g,"se":%.15g,"weighted":%.15g,"weighted_se":%.15g}', name,
    paste(apply(tables[[name]], 1, num), collapse = ","), p$kappa, sqrt(p$var.kappa), p$weighted.kappa, v$Weighted["ASE"])
}
set.seed(11)
pairs <- list()
for (n in c(12, 40)) {
  true <- rnorm(n, 5, 2)
  pairs[[paste0("n", n)]] <- list(round(true + rnorm(n), 2), round(true + 0.4 + rnorm(n), 2))
}
two <- function(name) {
  x <- pairs[[name]]; r <- ICC(cbind(x[[1]], x[[2]]), lmer = FALSE)$results
  row <- function(i) sprintf('"ICC%d":%s,"ICC%d_p":%.15g', i, num(c(r$ICC[i], r[i, "lower bound"], r[i, "upper bound"])), i, r$p[i])
  sprintf('{"name":"%s","first":%s,"second":%s,%s,%s}', name, num(x[[1]]), num(x[[2]]), row(1), row(2))
}
cat(sprintf('{"tables":[%s],\n"icc":[%s]}\n', paste(sapply(names(tables), one), collapse = ",\n"),
  paste(sapply(names(pairs), two), collapse = ",\n")))

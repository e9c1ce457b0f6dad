# Reference values for mmresearch/planning/power.py: R's own power.t.test and package pwr. Run here: Rscript script.R
library(pwr)
library(jsonlite)

cases <- expand.grid(delta = c(0.3, 1.5, 5), sd = c(1, 2.43, 10), power = c(0.8, 0.9), alpha = c(0.05, 0.01))
cases <- subset(cases, delta / sd > 0.1 & delta / sd < 1.6)
cases$n <- mapply(function(delta, sd, power, alpha)
  power.t.test(delta = delta, sd = sd, power = power, sig.level = alpha, strict = TRUE, tol = 1e-10)$n,
  cases$delta, cases$sd, cases$power, cases$alpha)
cases$pwr <- mapply(function(delta, sd, power, alpha)
  pwr.t.test(d = delta / sd, power = power, sig.level = alpha)$n, cases$delta, cases$sd, cases$power, cases$alpha)

given <- expand.grid(delta = c(0.2, 0.5, 0.8), n = c(2, 5, 20, 63, 200))
given$power <- mapply(function(delta, n) power.t.test(n = n, delta = delta, sd = 1, strict = TRUE)$power, given$delta, given$n)

write(toJSON(list(sizes = cases, powers = given, versions = list(R = R.version.string,
      pwr = as.character(packageVersion("pwr")))), digits = NA, pretty = TRUE), "output.json")

# Reference values for mmresearch/pooling: random-effects meta-analysis by R's metafor. Run here: Rscript script.R
# Writes output.json (effects, standard errors and what metafor finds). rma with method REML; test "knha", and "adhoc" (the
# variance ratio truncated at 1) where there are 3 or 4 studies; predict; confint (Q-profile).
suppressMessages(library(metafor))
library(jsonlite)

published <- read.table(header = TRUE, text = "
effect_id effect low high
E010 -1.24 -1.85 -0.64
E012 -0.75 -0.90 -0.60
E014 -0.37 -0.62 -0.13
E023 -0.37 -0.67 -0.08
E030 -0.12 -0.35 0.11
E034 -0.82 -1.12 -0.53
E180 -1.08 -1.51 -0.65
E183 -0.22 -0.53 0.09
")  # rows of the published effects, as printed
rows <- function(ids) {
  found <- published[match(ids, published$effect_id), ]
  list(yi = found$effect, vi = ((found$high - found$low) / (2 * qnorm(0.975)))^2)
}
plain <- function(found) list(yi = as.numeric(found$yi), vi = as.numeric(found$vi))

sets <- list(
  bcg = plain(escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  normand1999 = plain(escalc(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                             data = dat.normand1999)),
  raudenbush1985 = plain(dat.raudenbush1985),
  hackshaw1998 = plain(dat.hackshaw1998),
  li2007 = plain(escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)),
  hart1999 = plain(escalc(measure = "IRR", x1i = x1i, x2i = x2i, t1i = t1i, t2i = t2i, data = dat.hart1999)),
  gibson2002 = plain(escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                            data = subset(dat.gibson2002, !is.na(sd1i)))),
  # reviews of pain, one row each: three, four and seven, to see the truncated ratio at work
  evidence_three = rows(c("E012", "E030", "E183")),
  evidence_four = rows(c("E012", "E023", "E034", "E180")),
  evidence_seven = rows(c("E010", "E014", "E023", "E030", "E034", "E180", "E183")),
  alike_three = list(yi = c(1.0, 1.1, 0.9), vi = c(0.25, 0.16, 0.36)),  # tau2 at its boundary, ratio far below 1
  alike_six = list(yi = c(1.0, 1.1, 0.9, 1.05, 0.97, 1.02), vi = c(0.25, 0.16, 0.36, 0.09, 0.2, 0.3)),
  wild = list(yi = c(-40, 3, 55, 1, 12), vi = c(0.04, 0.01, 0.25, 1, 0.0025))
)

tight <- 1e-11  # of the spread squared; Fisher scoring by halved steps, because with wild effects whole ones swing
answer <- function(set) {
  v <- set$vi
  test <- if (length(set$yi) <= 4) "adhoc" else "knha"
  fit <- rma(set$yi, v, method = "REML", test = test, control = list(threshold = tight * max(set$yi - mean(set$yi))^2, maxiter = 10000, stepadj = 0.5))
  between <- confint(fit, control = list(tol = 1e-12, tau2.max = 1e6))$random
  spread <- predict(fit)
  list(yi = set$yi, sei = sqrt(set$vi), test = test, k = fit$k, point = as.numeric(fit$b), standard_error = fit$se,
       low = fit$ci.lb, high = fit$ci.ub, p_value = fit$pval, df = fit$ddf[1], tau2 = fit$tau2,
       tau2_low = between["tau^2", "ci.lb"], tau2_high = between["tau^2", "ci.ub"],
       i2 = fit$I2 / 100, i2_low = between["I^2(%)", "ci.lb"] / 100, i2_high = between["I^2(%)", "ci.ub"] / 100,
       q = fit$QE, q_p = fit$QEp, prediction_low = spread$pi.lb, prediction_high = spread$pi.ub,
       weights = as.numeric(weights(fit)) / 100)
}

found <- lapply(sets, answer)
found$versions <- list(R = R.version.string, metafor = as.character(packageVersion("metafor")))
write(toJSON(found, digits = NA, auto_unbox = TRUE, pretty = TRUE), "output.json")

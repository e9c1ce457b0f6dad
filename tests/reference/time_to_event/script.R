# Curves, restricted means, Cox regression and its checks, as R's survival package has them.
# Run in this folder: Rscript script.R. Writes veteran.csv (survival's own data), followed.csv (invented here), output.json.
suppressMessages({library(survival); library(jsonlite)})
set.seed(20261121)
veteran$treated <- as.integer(veteran$trt == 2)
write.csv(veteran[c("treated", "time", "status", "karno", "age", "diagtime")], "veteran.csv", row.names = FALSE, quote = FALSE)

n <- 90; therapist <- rep(1:9, 10); treated <- as.integer(therapist <= 4)
pull <- rnorm(9, 0, 0.4)[therapist]; age <- round(rnorm(n, 45, 12))
event <- rexp(n, exp(-5 + 0.6 * treated + pull + 0.01 * (age - 45)))
other <- rexp(n, 0.003); lost <- runif(n, 60, 200)
days <- pmin(ceiling(event / 7) * 7, ceiling(other / 7) * 7, ceiling(lost), 182)   # weeks: many ties
how <- ifelse(ceiling(event / 7) * 7 <= days, 1, ifelse(ceiling(other / 7) * 7 <= days, 2, 0))
followed <- data.frame(treated, therapist, age, days, how)
write.csv(followed, "followed.csv", row.names = FALSE, quote = FALSE)

restricted <- function(days, status, horizon) {
  one <<- data.frame(days, status)   # pseudo() looks for the data where the call stood
  fit <- survfit(Surv(days, status) ~ 1, data = one)
  table <- summary(fit, rmean = horizon)$table
  half <- quantile(survfit(Surv(days, status) ~ 1, conf.type = "log-log", data = one), 0.5)
  list(horizon = horizon, mean = unname(table["rmean"]), error = unname(table["se(rmean)"]),
       pseudo = unname(as.numeric(pseudo(fit, times = horizon, type = "rmst"))),
       median = c(half$quantile, half$lower, half$upper))
}
competing <- function(days, how, horizon) {
  one <<- data.frame(days, how = factor(how, 0:2))
  fit <- survfit(Surv(days, how) ~ 1, data = one)
  row <- which(fit$states == "1")
  at <- summary(fit, times = horizon)
  list(horizon = horizon, without = horizon - unname(summary(fit, rmean = horizon)$table[row, "rmean"]),
       error = sqrt(sum(residuals(fit, times = horizon, type = "sojourn")[, row]^2)), share = at$pstate[1, row],
       share_error = at$std.err[1, row],
       pseudo = horizon - unname(as.numeric(pseudo(fit, times = horizon, type = "sojourn")[, row])))
}
told <- function(model, cluster = NULL, data) {
  zph <- cox.zph(model, transform = "km", terms = FALSE)$table
  list(beta = unname(coef(model)), variance = unname(vcov(model)), scores = unname(residuals(model, "score")),
       martingale = unname(residuals(model, "martingale")), zph = unname(zph["treated", c("chisq", "p")]),
       robust = unname(vcov(update(model, cluster = data$therapist))))
}
v <- split(veteran, veteran$treated); f <- split(followed, followed$treated)
veteran$therapist <- rep(1:20, length.out = nrow(veteran))
out <- list(
  veteran = lapply(v, function(d) restricted(d$time, d$status, 180)),
  followed = lapply(f, function(d) restricted(d$days, as.integer(d$how == 1), 182)),
  competing = lapply(f, function(d) competing(d$days, d$how, 150)),
  cox_veteran = told(coxph(Surv(time, status) ~ treated + karno + age + diagtime, veteran, ties = "efron"), data = veteran),
  cox_followed = told(coxph(Surv(days, how == 1) ~ treated + age, followed, ties = "efron"), data = followed),
  versions = list(R = R.version.string, survival = as.character(packageVersion("survival"))))
write_json(out, "output.json", digits = 14, auto_unbox = TRUE, pretty = FALSE)

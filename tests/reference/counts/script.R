# Reference numbers for the methods counts and dose: made by R packages, none of it ours.
# Run in this folder: Rscript script.R   (Debian 12: r-base-core, r-cran-mass, r-cran-clubsandwich, r-cran-sandwich,
# r-cran-vgam, r-cran-pscl). Reads data.csv, writes output.csv: name, value.
suppressPackageStartupMessages({
  library(MASS); library(sandwich); library(clubSandwich); library(VGAM); library(pscl)
})
d <- read.csv("data.csv")
out <- data.frame(name = character(), value = numeric())
put <- function(name, value) out <<- rbind(out, data.frame(name = name, value = as.numeric(value)))
patient <- seq_len(nrow(d))
tight <- glm.control(epsilon = 1e-14, maxit = 100)

# Unbounded count: negative binomial (MASS), HC2 and Bell-McCaffrey df with one patient a cluster (clubSandwich)
nb <- glm.nb(count ~ treated + log1p(count0) + age + offset(log(exposure)), data = d, control = tight)
put("nb.treated", coef(nb)["treated"]); put("nb.dispersion", 1 / nb$theta)
put("nb.intercept", coef(nb)["(Intercept)"]); put("nb.age", coef(nb)["age"])
fixed <- glm(count ~ treated + log1p(count0) + age + offset(log(exposure)), data = d,
             family = negative.binomial(nb$theta), control = tight)
put("nb.hc0", sqrt(sandwich::sandwich(fixed)["treated", "treated"]))

# The same as Poisson quasi-likelihood
qp <- glm(count ~ treated + log1p(count0) + age + offset(log(exposure)), data = d, family = quasipoisson, control = tight)
put("qp.treated", coef(qp)["treated"])
single <- coef_test(qp, vcov = vcovCR(qp, cluster = patient, type = "CR2"), test = "Satterthwaite")
put("qp.se.single", single["treated", "SE"]); put("qp.df.single", single["treated", "df_Satt"])

# Days out of 28: logit link with the variance of a share; standardised over the patients, delta method
qb <- glm(cbind(days, 28 - days) ~ treated + I(qlogis((days0 + 0.5) / 29)) + age, data = d, family = quasibinomial,
          control = tight)
put("qb.treated", coef(qb)["treated"])
V <- as.matrix(vcovCR(qb, cluster = patient, type = "CR2"))
ends <- lapply(1:0, function(arm) {
  X <- model.matrix(qb); X[, "treated"] <- arm
  p <- plogis(X %*% coef(qb))
  list(mean = 28 * mean(p), gradient = colMeans(28 * as.vector(p * (1 - p)) * X))
})
ratio <- ends[[1]]$gradient / ends[[1]]$mean - ends[[2]]$gradient / ends[[2]]$mean
difference <- ends[[1]]$gradient - ends[[2]]$gradient
put("qb.mean.treated", ends[[1]]$mean); put("qb.mean.reference", ends[[2]]$mean)
put("qb.ratio.se", sqrt(t(ratio) %*% V %*% ratio)); put("qb.difference.se", sqrt(t(difference) %*% V %*% difference))
con <- linear_contrast(qb, vcov = vcovCR(qb, cluster = patient, type = "CR2"), contrasts = matrix(ratio, 1),
                       test = "Satterthwaite")
put("qb.ratio.df", con$df)

# Beta-binomial of greatest likelihood (VGAM), mean and correlation both free
bb <- vglm(cbind(days, 28 - days) ~ treated + I(qlogis((days0 + 0.5) / 29)) + age, betabinomial(irho = 0.3), data = d,
           control = vglm.control(epsilon = 1e-12, maxit = 200))
cb <- coef(bb)
put("bb.treated", cb["treated"]); put("bb.rho", plogis(cb["(Intercept):2"])); put("bb.loglik", logLik(bb))

# Hurdle's parts and the mean they multiply to: logistic for any, log-linear for how many among those with any
any <- glm(as.numeric(rare > 0) ~ treated + log1p(rare0) + age, data = d, family = binomial, control = tight)
some <- glm(rare ~ treated + log1p(rare0) + age, data = subset(d, rare > 0), family = quasipoisson, control = tight)
put("hurdle.any.treated", coef(any)["treated"]); put("hurdle.some.treated", coef(some)["treated"])
means <- sapply(1:0, function(arm) {
  e <- d; e$treated <- arm
  mean(predict(any, e, type = "response") * predict(some, e, type = "response"))
})
put("hurdle.ratio", means[1] / means[2])
# its standard error by stacking the two scores patient by patient, no small-sample correction (HC0), delta method
e1 <- estfun(any); e2 <- matrix(0, nrow(d), length(coef(some))); e2[d$rare > 0, ] <- estfun(some)
B <- as.matrix(Matrix::bdiag(bread(any) / nobs(any), bread(some) / nobs(some)))
S <- cbind(e1, e2)
gradient <- function(arm) {
  X <- model.matrix(~ treated + log1p(rare0) + age, d); X[, "treated"] <- arm
  p <- as.vector(plogis(X %*% coef(any))); m <- as.vector(exp(X %*% coef(some)))
  c(colMeans(p * (1 - p) * m * X), colMeans(p * m * X))
}
g <- gradient(1) / means[1] - gradient(0) / means[2]
put("hurdle.hc0", sqrt(t(g) %*% B %*% (t(S) %*% S) %*% B %*% g))
zt <- hurdle(rare ~ treated + log1p(rare0) + age, data = d, dist = "negbin", zero.dist = "binomial")
put("pscl.any.treated", coef(zt, "zero")["treated"])

# Dose: log-linear quasi-likelihood, clusters of one therapist in the treated arm
dose <- glm(mme ~ treated + log1p(mme0) + age, data = d, family = quasipoisson, control = tight)
put("dose.treated", coef(dose)["treated"])
one <- coef_test(dose, vcov = vcovCR(dose, cluster = patient, type = "CR2"), test = "Satterthwaite")
put("dose.se.single", one["treated", "SE"]); put("dose.df.single", one["treated", "df_Satt"])
plain <- glm(mme ~ treated, data = d, family = quasipoisson, control = tight)
many <- coef_test(plain, vcov = vcovCR(plain, cluster = d$cluster, type = "CR2"), test = "Satterthwaite")
put("plain.ratio", exp(coef(plain)["treated"])); put("plain.se.cluster", many["treated", "SE"])
write.csv(out, "output.csv", row.names = FALSE)

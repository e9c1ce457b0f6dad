# Proportional odds by MASS::polr and ordinal::clm, cluster-robust errors by sandwich, proportionality by ordinal::nominal_test
# and by a score test from numeric derivatives of the cell probabilities. Run: Rscript script.R (R 4.2.2, MASS 7.3-58.2,
# ordinal 2022.11-16, sandwich 3.0-2, numDeriv); writes data.csv and output.json beside itself.
suppressMessages({library(MASS); library(ordinal); library(sandwich); library(numDeriv)})
set.seed(31)
make <- function(n, cuts, beta, twist) {
  arm <- rep(c(1, 0), length.out = n); x <- round(rnorm(n), 3)
  therapist <- ifelse(arm == 1, sample(6, n, TRUE), 0); b <- rnorm(6, sd = 0.6)
  eta <- beta * arm + 0.7 * x + ifelse(arm == 1, b[pmax(therapist, 1)], 0) + ifelse(arm == 1, twist, 1) * rlogis(n)
  data.frame(arm = arm, x = x, therapist = therapist, y = findInterval(eta, cuts))
}
data <- list(four = make(90, c(-1, 0.5, 2), 0.8, 1), three = make(50, c(0, 1.5), -0.6, 1), twisted = make(300, c(-1, 0, 1), 0, 2.2))
write.csv(do.call(rbind, lapply(names(data), function(name) cbind(case = name, data[[name]]))), "data.csv", row.names = FALSE, quote = FALSE)
score <- function(fit, d) {  # expected information of the general model, at the proportional odds fit; tested: the arm
  K <- length(fit$alpha) + 1; theta0 <- c(fit$alpha, fit$beta, rep(0, K - 2))
  cells <- function(theta, i) {
    more <- c(0, theta[-(1:(K + 1))])
    diff(c(0, plogis(theta[1:(K - 1)] - d$arm[i] * (theta[K] + more) - d$x[i] * theta[K + 1]), 1))
  }
  g <- 0; info <- 0
  for (i in seq_len(nrow(d))) {
    p <- cells(theta0, i); J <- jacobian(cells, theta0, i = i)
    g <- g + J[d$y[i] + 1, ] / p[d$y[i] + 1]; info <- info + t(J) %*% (J / p)
  }
  as.numeric(t(g) %*% solve(info, g))
}
one <- function(name) {
  d <<- data[[name]]; d$f <<- factor(d$y, ordered = TRUE)  # global: nominal_test evaluates again
  m <- clm(f ~ arm + x, data = d, control = list(gradTol = 1e-10)); p <- polr(f ~ arm + x, d, Hess = TRUE, control = list(reltol = 1e-14))
  stopifnot(max(abs(coef(p) - m$beta)) < 1e-4)
  cl <- ifelse(d$therapist > 0, d$therapist, 100 + seq_len(nrow(d)))
  v <- sandwich::vcovCL(m, cluster = cl, type = "HC0", cadjust = FALSE)
  nt <- nominal_test(m)
  sprintf('"%s":{"alpha":[%s],"beta":[%s],"se":%.12g,"se_polr":%.12g,"loglik":%.12g,"cluster_se":%.12g,"lr":%.12g,"score":%.12g}', name,
    paste(sprintf("%.12g", m$alpha), collapse = ","), paste(sprintf("%.12g", m$beta), collapse = ","), sqrt(vcov(m)["arm", "arm"]),
    sqrt(vcov(p)["arm", "arm"]), as.numeric(logLik(m)), sqrt(v["arm", "arm"]), nt["arm", "LRT"], score(m, d))
}
cat(sprintf("{%s}\n", paste(sapply(names(data), one), collapse = ",\n")), file = "output.json")

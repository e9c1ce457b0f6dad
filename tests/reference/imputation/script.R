# What R makes of trial.csv, for tests/test_models_imputation.py. Debian bookworm: R 4.2, jomo 2.7-4, mice 3.15, mitml 0.4-4.
# Rscript script.R > output.json   (about a minute)
library(jomo); library(mitml); library(mice); library(jsonlite)
trial <- read.csv("trial.csv")
names_y <- c("y1", "y2", "y3")
X <- with(trial, data.frame(one = 1, treated = treated, baseline = baseline, age = age))
analyse <- function(sets) {
  fits <- lapply(sets, function(d) lm(y3 ~ treated + baseline + age, data = d))
  pooled <- testEstimates(as.mitml.result(fits), df.com = fits[[1]]$df.residual)$estimates["treated", ]
  list(point = unname(pooled["Estimate"]), error = unname(pooled["Std.Error"]), df = unname(pooled["df"]))
}
# Joint normal imputation by MCMC, 400 draws kept 50 steps apart: the same model as ours, another sampler.
set.seed(1)
capture.output(mcmc <- jomo1con.MCMCchain(trial[, names_y], X, nburn = 20050, output = 0)) -> quiet
set.seed(2)
capture.output(long <- jomo1con(trial[, names_y], X, nburn = 1000, nbetween = 50, nimp = 400, output = 0)) -> quiet
sets <- lapply(1:400, function(m) cbind(long[long$Imputation == m, names_y], X))
# The arm's own effect at the judged visit, for jump to reference and delta: from the chain's slopes.
beta <- mcmc$collectbeta[2, 3, 1001:20050]
left <- with(trial, is.na(y3)) & trial$treated == 1
moved <- function(shift) lapply(sets, function(d) { d$y3[left] <- d$y3[left] + shift; d })
# Jump to reference needs the effect of the same draw: jomo again, one draw a run of the chain.
set.seed(3)
jump <- lapply(1:400, function(m) {
  capture.output(one <- jomo1con.MCMCchain(trial[, names_y], X, nburn = 300, output = 0)) -> quiet
  d <- cbind(one$finimp[one$finimp$Imputation == 1, names_y], X)
  d$y3[left] <- d$y3[left] - one$collectbeta[2, 3, 300]
  d
})
# Shares of patients whose outcome fell by two points from baseline, from the same completed sets; HC2 by sandwich.
share <- function(sets) {
  fits <- lapply(sets, function(d) lm(as.numeric(d$baseline - d$y3 >= 2) ~ d$treated))
  pooled <- testEstimates(qhat = lapply(fits, function(f) c(x = unname(coef(f)[2]))),
                          uhat = lapply(fits, function(f) matrix(sandwich::vcovHC(f, "HC2")[2, 2], 1, 1,
                                                                 dimnames = list("x", "x"))))$estimates[1, ]
  list(point = unname(pooled["Estimate"]), error = unname(pooled["Std.Error"]))
}
# Chained equations instead of a joint model: mice, method norm.
set.seed(4)
chained <- mice(trial[, c(names_y, "treated", "baseline", "age")], m = 400, method = "norm", maxit = 15, printFlag = FALSE)
mice_sets <- lapply(1:400, function(m) complete(chained, m))
# Rubin's rules and Barnard and Rubin's degrees of freedom of given numbers.
points <- c(1.2, 0.8, 1.1, 1.4, 0.9, 1.3); variances <- c(0.25, 0.22, 0.27, 0.24, 0.26, 0.23)
pooled <- testEstimates(qhat = lapply(points, function(x) c(x = x)), uhat = lapply(variances, function(v) matrix(v, 1, 1, dimnames = list("x", "x"))),
                        df.com = 76)$estimates[1, ]
cat(toJSON(list(
  R = R.version.string, jomo = as.character(packageVersion("jomo")), mice = as.character(packageVersion("mice")),
  mitml = as.character(packageVersion("mitml")),
  missing_at_random = analyse(sets), worse_by_one = analyse(moved(1)), jump_to_reference = analyse(jump),
  chained = analyse(mice_sets), share = share(sets), share_jump = share(jump), effect = list(mean = mean(beta), sd = sd(beta)),
  rubin = list(points = points, variances = variances, df_complete = 76, point = unname(pooled["Estimate"]),
               error = unname(pooled["Std.Error"]), df = unname(pooled["df"]))
), auto_unbox = TRUE, digits = 8, pretty = TRUE), "\n")

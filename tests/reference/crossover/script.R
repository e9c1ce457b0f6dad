# Crossover trials as lme4, lmerTest and pbkrtest fit them, and the textbook t tests. Run in this folder: Rscript script.R
suppressMessages({library(lme4); library(pbkrtest); library(lmerTest); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5), calc.derivs = FALSE)

# Graff-Lonnevig and Browaldh 1990 (Clin Exp Allergy 20:429-432), as printed in Senn, Cross-over Trials in Clinical Research,
# 2nd ed 2002, Table 3.1: peak expiratory flow (l/min) of 13 children eight hours after formoterol (F) or salbutamol (S).
senn <- data.frame(
  patient = c(1, 4, 6, 7, 10, 11, 14, 2, 3, 5, 9, 12, 13), order = rep(c("FS", "SF"), c(7, 6)),
  first = c(310, 310, 370, 410, 250, 380, 330, 370, 310, 380, 290, 260, 90),
  second = c(270, 260, 300, 390, 210, 350, 365, 385, 400, 410, 320, 340, 220))
# Schuetz's example of a bioequivalence trial, as printed with its analysis of variance in Wiekvoet, "Statistical aspects of
# two-way cross-over studies" (R-bloggers, 3 November 2013); analysed as logarithms.
schuetz <- data.frame(
  patient = c(1, 4, 6, 7, 9, 12, 2, 3, 5, 8, 10, 11), order = rep(c("TR", "RT"), each = 6),
  first = c(28.39, 33.36, 24.29, 28.61, 59.49, 42.30, 39.86, 32.75, 34.97, 45.44, 27.87, 24.26),
  second = c(35.44, 33.40, 24.65, 31.77, 65.29, 37.01, 49.42, 36.78, 34.81, 45.54, 28.23, 25.71))
schuetz[3:4] <- lapply(schuetz[3:4], function(x) round(log(x), 8))

long <- function(wide) {
  rows <- rbind(data.frame(wide[1:2], period = 1, value = wide$first), data.frame(wide[1:2], period = 2, value = wide$second))
  rows$arm <- substr(rows$order, rows$period, rows$period)
  rows[order(rows$patient, rows$period), ]
}
told <- function(model, column) {
  row <- as.numeric(names(fixef(model)) == column)
  adjusted <- vcovAdj(model)
  list(estimate = unname(fixef(model)[column]), standard_error = sqrt(drop(row %*% as.matrix(adjusted) %*% row)),
       df = Lb_ddf(row, vcov(model), adjusted))
}
fits <- function(rows, arm) {
  rows$treated <- as.numeric(rows$arm == arm)
  rows$sequence <- as.numeric(substr(rows$order, 1, 1) == arm)
  rows$previous <- ifelse(rows$period == 2, rows$sequence, 0)
  rows$late <- rows$period - 1
  main <- lmer(value ~ treated + late + sequence + (1 | patient), rows, control = tight)
  carried <- lmer(value ~ treated + late + previous + (1 | patient), rows, control = tight)
  vc <- as.data.frame(VarCorr(main))
  list(treated = told(main, "treated"), sequence = told(main, "sequence"), late = told(main, "late"),
       carry_over = told(carried, "previous"), allowing = told(carried, "treated"),
       variances = setNames(as.list(vc$vcov), vc$grp))
}
by_hand <- function(wide, arm) {  # Hills and Armitage 1979: half the period differences' contrast between the sequences
  ahead <- substr(wide$order, 1, 1) == arm
  d <- (wide$first - wide$second) / 2
  test <- t.test(d[ahead], d[!ahead], var.equal = TRUE)
  list(estimate = unname(diff(rev(test$estimate))), low = test$conf.int[1], high = test$conf.int[2], p = test$p.value,
       df = unname(test$parameter))
}
gaps <- long(senn)
gaps <- gaps[!(gaps$patient %in% c(4, 12) & gaps$period == 2) & !(gaps$patient == 9 & gaps$period == 1), ]
write.csv(cbind(study = "senn", long(senn)), "senn.csv", row.names = FALSE, quote = FALSE)
write.csv(cbind(study = "senn-gaps", gaps), "senn-gaps.csv", row.names = FALSE, quote = FALSE)
write.csv(cbind(study = "schuetz", long(schuetz)), "schuetz.csv", row.names = FALSE, quote = FALSE)
out <- list(senn = c(fits(long(senn), "F"), by_hand = list(by_hand(senn, "F"))), `senn-gaps` = fits(gaps, "F"),
            schuetz = c(fits(long(schuetz), "T"), by_hand = list(by_hand(schuetz, "T"))),
            versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                            pbkrtest = as.character(packageVersion("pbkrtest"))))
write_json(out, "output.json", digits = 14, auto_unbox = TRUE, pretty = TRUE)

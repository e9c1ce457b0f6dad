# Random intercepts of patients and therapists, as lme4 and pbkrtest fit them. Run in this folder: Rscript script.R
# Writes sessions.csv (invented here) and output.json. Versions used: see output.json.
suppressMessages({library(lme4); library(pbkrtest); library(lmerTest); library(jsonlite)})
set.seed(20260719)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5), calc.derivs = FALSE)

patients <- 44; therapists <- 6
person <- data.frame(patient = 1:patients, treated = rep(0:1, patients / 2), first = round(rnorm(patients, 5, 1.5), 2),
                     own = rnorm(patients, 0, 0.7))
skill <- c(-0.9, -0.5, -0.2, 0.3, 0.5, 0.8)
rows <- merge(person, data.frame(session = 1:6))
rows <- rows[order(rows$patient, rows$session), ]
# sessions missed, and patients who mostly, but not always, see one therapist; none in the reference arm
rows <- rows[runif(nrow(rows)) < 0.85, ]
usual <- (rows$patient %/% 2) %% therapists + 1
rows$therapist <- ifelse(rows$treated == 1, ifelse(runif(nrow(rows)) < 0.8, usual, sample(therapists, nrow(rows), TRUE)), 0)
# flat: therapists make no difference, and their variance is estimated as 0
rows$flat <- round(1 - 0.35 * rows$first - 0.6 * rows$treated - 0.1 * (rows$session == 1) + rows$own +
  rnorm(nrow(rows), 0, 0.9), 3)
rows$change <- round(rows$flat + ifelse(rows$therapist > 0, skill[pmax(rows$therapist, 1)], 0), 3)
write.csv(rows[c("patient", "treated", "first", "session", "therapist", "change", "flat")], "sessions.csv",
          row.names = FALSE, quote = FALSE)

told <- function(model, columns) {
  adjusted <- vcovAdj(model)
  vc <- as.data.frame(VarCorr(model))
  list(
    coefficients = unname(fixef(model)), names = names(fixef(model)),
    standard_errors = unname(sqrt(diag(as.matrix(adjusted)))),
    plain_errors = unname(sqrt(diag(as.matrix(vcov(model))))),
    df = sapply(seq_along(fixef(model)), function(j) {
      row <- rep(0, length(fixef(model))); row[j] <- 1
      Lb_ddf(row, vcov(model), adjusted)
    }),
    variances = setNames(as.list(vc$vcov), vc$grp), deviance = as.numeric(REMLcrit(model)), n = nobs(model))
}
rows$session <- factor(rows$session)
rows$massaged <- rows$treated  # 0 + massaged | therapist: an intercept in the treated arm only
both <- lmer(change ~ treated + first + session + (1 | patient) + (0 + massaged | therapist), rows, control = tight)
# as the method session-change has it: the first value before weighs more in the first change, which holds it
rows$own <- (rows$first - mean(rows$first)) * !duplicated(rows$patient)
method <- lmer(change ~ treated + first + session + own + (1 | patient) + (0 + massaged | therapist), rows, control = tight)
flat <- lmer(flat ~ treated + first + session + (1 | patient) + (0 + massaged | therapist), rows, control = tight)
one <- lmer(change ~ treated + first + session + (1 | patient), rows, control = tight)
plates <- lmer(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin, control = tight)
pastes <- lmer(strength ~ 1 + (1 | sample) + (1 | batch), Pastes, control = tight)
write.csv(data.frame(plate = as.integer(Penicillin$plate), sample = as.integer(Penicillin$sample),
                     diameter = Penicillin$diameter), "penicillin.csv", row.names = FALSE, quote = FALSE)
write.csv(data.frame(sample = as.integer(Pastes$sample), batch = as.integer(Pastes$batch), strength = Pastes$strength),
          "pastes.csv", row.names = FALSE, quote = FALSE)
out <- list(both = told(both), flat = told(flat), method = told(method), one = told(one), penicillin = told(plates), pastes = told(pastes),
            versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                            pbkrtest = as.character(packageVersion("pbkrtest")),
                            lmerTest = as.character(packageVersion("lmerTest"))))
write_json(out, "output.json", digits = 14, auto_unbox = TRUE, pretty = TRUE)

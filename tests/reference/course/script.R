# Courses of sessions as R fits them. Run in this folder: Rscript script.R. Writes doses.csv, risks.csv and output.json.
suppressMessages({library(nlme); library(clubSandwich); library(jsonlite)})
set.seed(20260720)

# Three planned numbers of sessions, three follow-ups, some missing: a general linear model, unstructured covariance, REML.
people <- data.frame(patient = 1:60, planned = rep(c(1, 4, 8), 20), start = round(rnorm(60, 6, 1.4), 1))
own <- rnorm(60, 0, 1)
rows <- do.call(rbind, lapply(1:3, function(k) transform(people, visit = k,
  value = round(2 + 0.5 * start - 0.1 * planned * c(0.5, 1, 1.1)[k] + own + rnorm(60, 0, 0.8), 2))))
rows <- rows[runif(nrow(rows)) > 0.1 | rows$visit == 1, ]
rows <- rows[order(rows$patient, rows$visit), ]
write.csv(rows, "doses.csv", row.names = FALSE, quote = FALSE)
v <- factor(rows$visit)
rows$v <- v
tight <- glsControl(tolerance = 1e-12, msTol = 1e-13, msMaxIter = 500, maxIter = 500)
line <- gls(value ~ 0 + v + v:start + v:planned, rows, correlation = corSymm(form = ~ visit | patient),
            weights = varIdent(form = ~ 1 | v), method = "REML", control = tight)
curve <- gls(value ~ 0 + v + v:start + v:I(planned == 4) + v:I(planned == 8), rows, method = "REML", control = tight,
             correlation = corSymm(form = ~ visit | patient), weights = varIdent(form = ~ 1 | v))
early <- pmin(rows$planned, 2) * 0 + ifelse(rows$planned > 1, pmin(c(1, 2, 4)[rows$visit], 2), 0)
late <- ifelse(rows$planned > 1, pmax(c(1, 2, 4)[rows$visit] - 2, 0), 0)
knot <- gls(value ~ 0 + early + late + v + v:start, transform(rows, early = early, late = late), method = "REML",
            control = tight, correlation = corSymm(form = ~ visit | patient), weights = varIdent(form = ~ 1 | v))
told <- function(m) list(names = names(coef(m)), estimates = unname(coef(m)), plain_errors = unname(sqrt(diag(vcov(m)))))

# Sessions until a threshold: a row a patient and session at risk, hazards free from session to session.
n <- 90
severity <- round(rnorm(n, 6, 1.5), 1)
therapist <- sample(8, n, TRUE)
left <- 1 + rpois(n, 7)
risks <- do.call(rbind, lapply(1:n, function(i) {
  out <- NULL
  for (k in 1:left[i]) {
    hit <- rbinom(1, 1, 1 - exp(-exp(-1.6 + 0.1 * k - 0.2 * (severity[i] - 6))))
    out <- rbind(out, data.frame(patient = i, step = k, reached = hit, baseline = severity[i], therapist = therapist[i]))
    if (hit) break
  }
  out
}))
risks$step <- pmin(risks$step, 6)
write.csv(risks, "risks.csv", row.names = FALSE, quote = FALSE)
risks$s <- factor(risks$step)
g <- glm(reached ~ 0 + s + baseline, binomial("cloglog"), risks, control = glm.control(epsilon = 1e-14, maxit = 100))
w <- g$weights
flat <- lm(sqrt(w) * (g$linear.predictor + g$residuals) ~ 0 + I(sqrt(w) * model.matrix(g)))
robust <- function(m, by) {
  k <- length(coef(m))
  tested <- coef_test(m, vcov = "CR2", cluster = by, test = "Satterthwaite")
  list(standard_error = tested$SE[k], df = tested$df[k])
}
out <- list(
  line = told(line), curve = told(curve), knot = told(knot),
  hazards = list(estimates = unname(coef(g)), plain_errors = unname(sqrt(diag(vcov(g)))), deviance = deviance(g)),
  by_patient = list(least_squares = robust(flat, risks$patient), glm = robust(g, risks$patient)),
  by_therapist = list(least_squares = robust(flat, risks$therapist), glm = robust(g, risks$therapist)),
  versions = list(R = R.version.string, nlme = as.character(packageVersion("nlme")),
                  clubSandwich = as.character(packageVersion("clubSandwich"))))
write_json(out, "output.json", digits = 14, auto_unbox = TRUE, pretty = TRUE)

# Korn and Graubard's interval as survey::svyciprop(method = "beta") has it; ratio estimator by svyratio. One row a patient
# (or a session), clusters as units. Run: Rscript script.R (R 4.2.2, survey 4.1-1); writes data.csv and output.json.
suppressMessages(library(survey))
set.seed(41)
make <- function(patients, mean, chance, spread) {
  n <- pmax(1, rpois(patients, mean)); p <- plogis(qlogis(chance) + rnorm(patients, sd = spread))
  data.frame(patient = seq_len(patients), therapist = sample(7, patients, TRUE), sessions = n, events = rbinom(patients, n, p))
}
data <- list(alike = make(60, 8, 0.03, 0), clustered = make(80, 10, 0.05, 1.6))
write.csv(do.call(rbind, lapply(names(data), function(name) cbind(case = name, data[[name]]))), "data.csv", row.names = FALSE, quote = FALSE)
one <- function(name, by) {
  d <- data[[name]]
  long <- d[rep(seq_len(nrow(d)), d$sessions), ]
  long$event <- unlist(lapply(seq_len(nrow(d)), function(i) rep(c(1, 0), c(d$events[i], d$sessions[i] - d$events[i]))))
  s <- svydesign(id = as.formula(paste0("~", by)), weights = ~1, data = long)
  r <- svyratio(~event, ~I(event + 1 - event), s); ci <- svyciprop(~event, s, method = "beta", level = 0.95)
  m <- svymean(~event, s); deff <- m[1] * (1 - m[1]) / vcov(m)
  sprintf('"%s %s":{"share":%.12g,"se":%.12g,"low":%.12g,"high":%.12g,"df":%d,"kish":%.12g,"n":%d}', name, by, coef(r), SE(r),
    attr(ci, "ci")[1], attr(ci, "ci")[2], degf(s), deff, nrow(long))
}
cat(sprintf("{%s}\n", paste(c(outer(names(data), c("patient", "therapist"), Vectorize(one))), collapse = ",\n")), file = "output.json")

# Standardised risks (g-computation) after logistic regression, with the delta method: base R, sandwich, clubSandwich.
# Run in this folder: Rscript script.R. Writes reached.csv (invented here) and output.json.
suppressMessages({library(sandwich); library(clubSandwich); library(jsonlite)})
set.seed(20261121)
n <- 160; treated <- rep(1:0, n / 2); therapist <- ifelse(treated == 1, (seq_len(n) %/% 2) %% 8 + 1, 100 + seq_len(n))
age <- round(rnorm(n, 48, 11)); before <- round(pmin(10, pmax(2, rnorm(n, 6, 1.6))))
skill <- rnorm(8, 0, 0.5)
reached <- rbinom(n, 1, plogis(-3 + 0.9 * treated + ifelse(treated == 1, skill[pmin(therapist, 8)], 0) + 0.3 * before + 0.01 * age))
d <- data.frame(treated, therapist, age, before, reached)
write.csv(d, "reached.csv", row.names = FALSE, quote = FALSE)
fit <- glm(reached ~ treated + before + age, binomial, d, control = glm.control(epsilon = 1e-14))
risk <- function(beta, arm) { x <- model.matrix(fit); x[, "treated"] <- arm; mean(plogis(x %*% beta)) }
slope <- function(arm) { x <- model.matrix(fit); x[, "treated"] <- arm; p <- plogis(x %*% coef(fit)); colMeans(x * c(p * (1 - p))) }
p <- c(risk(coef(fit), 1), risk(coef(fit), 0)); g <- slope(1) - slope(0); r <- slope(1) / p[1] - slope(0) / p[2]
told <- function(v) list(difference = sqrt(drop(t(g) %*% v %*% g)), ratio = sqrt(drop(t(r) %*% v %*% r)))
v <- vcovCR(fit, cluster = seq_len(n), type = "CR2"); w <- vcovCR(fit, cluster = d$therapist, type = "CR2")
df <- function(v) linear_contrast(fit, vcov = v, contrasts = matrix(g, 1), test = "Satterthwaite")$df
write_json(list(risks = p, difference = p[1] - p[2], ratio = p[1] / p[2], single = told(v), therapist = told(w),
  df_single = df(v), model = told(vcov(fit)), hc2 = told(vcovHC(fit, "HC2")),
  versions = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich")),
                  sandwich = as.character(packageVersion("sandwich")))), "output.json", digits = 14, auto_unbox = TRUE, pretty = TRUE)

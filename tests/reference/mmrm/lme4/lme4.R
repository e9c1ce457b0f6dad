# Rscript lme4.R > lme4.csv ; Debian 12: r-base-core, r-cran-lme4, r-cran-lmertest, r-cran-pbkrtest
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
d <- read.csv("unbalanced.csv", stringsAsFactors = FALSE)
d$treated <- as.numeric(d$arm == "massage")
d$nest <- ifelse(d$therapist == "", paste0("own", d$id), d$therapist)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
models <- list(
  ri = y ~ treated * time + baseline + (1 | id),
  ris = y ~ treated * time + baseline + (1 + time | id),
  therapist = y ~ treated * time + baseline + (1 | id) + (0 + treated | nest),
  therapist_slope = y ~ treated * time + baseline + (1 + time | id) + (0 + treated | nest))
cat("# ", R.version.string, "; lme4 ", as.character(packageVersion("lme4")), "; lmerTest ",
    as.character(packageVersion("lmerTest")), "; pbkrtest ", as.character(packageVersion("pbkrtest")), "\n", sep = "")
cat("model,quantity,value\n")
say <- function(model, quantity, value) cat(sprintf("%s,%s,%.12g\n", model, quantity, value))
for (name in names(models)) {
  fit <- lmerTest::lmer(models[[name]], d, REML = TRUE, control = tight)
  plain <- lme4::lmer(models[[name]], d, REML = TRUE, control = tight)
  say(name, "deviance", as.numeric(-2 * logLik(plain)))
  v <- as.data.frame(VarCorr(plain))
  for (i in seq_len(nrow(v))) say(name, paste("variance", v$grp[i], v$var1[i], v$var2[i]), v$vcov[i])
  adjusted <- vcovAdj(plain)
  table <- coef(summary(fit, ddf = "Satterthwaite"))
  for (term in rownames(table)) {
    say(name, paste("estimate", term), table[term, "Estimate"])
    say(name, paste("se", term), table[term, "Std. Error"])
    say(name, paste("satterthwaite", term), table[term, "df"])
    l <- as.numeric(rownames(table) == term)
    say(name, paste("kr_se", term), sqrt(as.numeric(l %*% adjusted %*% l)))
    say(name, paste("kr_df", term), Lb_ddf(l, vcov(plain), adjusted))
  }
  L <- rbind(as.numeric(rownames(table) == "treated"), as.numeric(rownames(table) == "treated:time"))
  test <- contestMD(fit, L, ddf = "Satterthwaite")
  say(name, "joint F", test[["F value"]]); say(name, "joint df2", test[["DenDF"]])
  kr <- KRmodcomp(plain, L)
  say(name, "kr_joint F", kr$stats$Fstat); say(name, "kr_joint df2", kr$stats$ddf); say(name, "kr_joint scaling", kr$stats$F.scaling)
}

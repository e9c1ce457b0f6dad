# Rscript cr2.R > cr2.csv, where fev.csv is the FEV data of R mmrm: CR2 errors and Satterthwaite df, by patient and by 12 groups.
suppressMessages({library(nlme); library(clubSandwich)})
d <- read.csv("fev.csv")
d <- d[!is.na(d$FEV1), ]
d$USUBJID <- factor(d$USUBJID)
d <- d[order(d$USUBJID, d$VISITN), ]
d$SEX <- relevel(factor(d$SEX), ref = "Male")
d$ARMCD <- factor(d$ARMCD)
f <- gls(FEV1 ~ RACE + SEX + ARMCD * AVISIT, d, correlation = corSymm(form = ~ VISITN | USUBJID),
         weights = varIdent(form = ~ 1 | AVISIT), method = "REML",
         control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500))
groups <- as.integer(sub("PT", "", d$USUBJID)) %% 12
cat(sprintf("# %s, nlme %s, clubSandwich %s; gls stops at about 1e-6 in the covariance\n", R.version.string,
            packageVersion("nlme"), packageVersion("clubSandwich")))
cat("cluster,term,se,df\n")
for (by in c("patient", "group")) {
  cluster <- if (by == "patient") d$USUBJID else factor(groups)
  t <- coef_test(f, vcovCR(f, cluster = cluster, type = "CR2"), test = "Satterthwaite")
  cat(sprintf("%s,%s,%.10g,%.10g\n", by, names(coef(f)), t$SE, t$df_Satt), sep = "")
}

# %% [markdown]
# # Reading results
#
# A run writes a folder: a manifest, tables of measures, and the event log behind them. This
# notebook runs the first question on the toy area and reads each of them. The toy area is
# fictional, so its numbers have no meaning.

# %%
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt

import cjsim

folder = cjsim.run(
    "../experiments/first_question.toml", replications=5, workers=1, out="../results", say=print
)
results = cjsim.read_results(folder)

# %% [markdown]
# cjsim reuses an earlier run of the same plan, so this cell is quick the second time.
#
# ## The question
#
# The manifest holds the question, the period, the seed, and the models of all scenarios in full:
# everything that is needed to run it again.

# %%
manifest = results.manifest
print(manifest["experiment"]["question"])
print(
    f"{manifest['study_from']} to {manifest['study_to']}, {manifest['replications']} replications"
)
for scenario in manifest["scenarios"]:
    print(f"  {scenario['name']}: {scenario['label']}")

# %% [markdown]
# ## The results
#
# `comparison` has one row for each measure of each scenario: its level in the baseline and in the
# scenario, the difference, its 95 % interval, and a verdict. The level of the baseline is a
# reference and not a forecast: use the difference.

# %%
comparison = results.comparison
duckdb.sql("""
    select scenario, kpi, round(baseline, 2) as baseline, round(difference, 3) as difference,
           round(low, 3) as low, round(high, 3) as high, verdict
    from comparison
    where court = 'all' and "group" in ('', 'mean')
      and kpi in ('early_guilty_plea_rate', 'hearings_per_case', 'arrest_to_disposal_days')
    order by kpi, scenario
""").show()

# %% [markdown]
# ## Month by month
#
# `kpis` has every measure of every replication, for the whole period (`all`) and by month. The
# chart shows the open caseload of the baseline: each thin line is one replication, the thick line
# is their mean. The spread of the thin lines is the variation between replications.

# %%
kpis = results.kpis
open_cases = duckdb.sql("""
    select replication, period, value from kpis
    where scenario = 'baseline' and kpi = 'open_cases' and court = 'all' and "group" = ''
      and period <> 'all'
    order by replication, period
""").fetchall()
months = sorted({period for _, period, _ in open_cases})
lines = [
    [value for replication, _, value in open_cases if replication == each]
    for each in range(manifest["replications"])
]

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
for line in lines:
    axes.plot(months, line, color="#6BACE6", linewidth=1)
means = [sum(values) / len(values) for values in zip(*lines, strict=True)]
axes.plot(months, means, color="#12436D", linewidth=2.5)
axes.annotate(
    "mean", (months[-1], means[-1]), xytext=(6, 0), textcoords="offset points", va="center"
)
axes.set(ylim=(0, None), ylabel="Open cases at the end of the month")
axes.set_title("Open cases in the toy area, baseline", loc="left")
axes.set_xticks(months[::2])
plt.show()

# %% [markdown]
# ## The log
#
# Every measure is computed from the event log, which has one row for each activity of a case. You
# can query it for other questions. In which activities do cases wait longest?

# %%
events = results.log("baseline", 0)
duckdb.sql("""
    select activity, count(*) as stays,
           round(avg(date_diff('minute', queued_at, ended_at)) / 1440, 1) as mean_days
    from events where ended_at is not null
    group by activity order by sum(date_diff('minute', queued_at, ended_at)) desc limit 8
""").show()

# %%
print("The tables are in", Path(folder).name, "and any program that reads Parquet can open them.")

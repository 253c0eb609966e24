# %% [markdown]
# # Comparing scenarios
#
# This notebook compares two scenarios: files that are ready at the first hearing, and a second
# day of trials each week. Which helps more, and how certain is the difference?

# %%
import duckdb
import matplotlib.pyplot as plt

import cjsim

folder = cjsim.run(
    "../experiments/first_question.toml", replications=5, workers=1, out="../results", say=print
)
results = cjsim.read_results(folder)

# %% [markdown]
# ## Differences, not levels
#
# Every scenario uses the same cases and the same random numbers (common random numbers). The
# difference between two scenarios is therefore mostly the effect of the change, and the interval
# is computed from the differences, paired by replication.

# %%
WATCHED = {
    "early_guilty_plea_rate": "Early guilty pleas",
    "hearings_per_case": "Hearings per case",
    "first_listing_to_trial_days": "Days from first listing to trial",
    "arrest_to_disposal_days": "Days from arrest to disposal",
    "cost_gbp": "Cost",
}
comparison = results.comparison
rows = duckdb.sql("""
    select kpi, scenario, 100 * difference / baseline, 100 * low / baseline, 100 * high / baseline,
           verdict
    from comparison
    where court = (case kpi when 'first_listing_to_trial_days' then 'magistrates' else 'all' end)
      and "group" in ('', 'mean') and baseline <> 0
""").fetchall()
differences = {(kpi, scenario): rest for kpi, scenario, *rest in rows}
labels = {each["name"]: each["label"] for each in results.manifest["scenarios"]}

# %% [markdown]
# Each bar below is a 95 % interval. If a bar crosses the line in the middle, these replications do
# not exclude a difference of zero. Differences are in per cent of the baseline, so that measures
# with different units fit on one scale.

# %%
figure, panels = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for axes, scenario in zip(panels, results.scenarios[1:], strict=True):
    for place, kpi in enumerate(reversed(WATCHED)):
        difference, low, high, _ = differences[kpi, scenario]
        axes.plot([low, high], [place, place], color="#12436D", linewidth=3)
        axes.plot(difference, place, "o", color="#12436D")
    axes.axvline(0, color="#3D3D3D", linewidth=1)
    axes.set_title(labels[scenario], loc="left")
    axes.set_xlabel("Difference from the baseline, per cent")
widest = max(abs(end) for axes in panels for end in axes.get_xlim())
for axes in panels:
    axes.set_xlim(-widest, widest)
panels[0].set_yticks(range(len(WATCHED)), list(reversed(WATCHED.values())))
plt.show()

# %% [markdown]
# The same as text. The verdict is *better* or *worse* only if the interval excludes zero and
# exceeds the smallest effect of interest that the experiment declares.

# %%
for scenario in results.scenarios[1:]:
    print(labels[scenario])
    for kpi, title in WATCHED.items():
        difference, low, high, verdict = differences[kpi, scenario]
        print(f"  {title}: {difference:+.1f} % ({low:+.1f} to {high:+.1f}), {verdict}")

# %% [markdown]
# ## One option compared with the other
#
# Any scenario can be the reference. Here the second day of trials is compared with the ready files.

# %%
against = cjsim.compare(results, baseline="ready_files")
duckdb.sql("""
    select kpi, round(difference, 3) as difference, round(low, 3) as low, round(high, 3) as high,
           verdict
    from against
    where scenario = 'more_trial_days' and court = 'all' and "group" in ('', 'mean')
      and kpi in ('early_guilty_plea_rate', 'hearings_per_case', 'arrest_to_disposal_days')
    order by kpi
""").show()

# %% [markdown]
# Five replications are enough for a demonstration. `cjsim run ... --precision 0.01` adds
# replications until the half-width of each watched difference is one per cent of the baseline.

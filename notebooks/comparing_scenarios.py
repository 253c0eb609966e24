# %% [markdown]
# # Comparing scenarios
#
# Two ways to help the same cases: files that are ready at the first hearing, and a second day
# of trials each week. Which helps more, and how sure is that?

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
# Every scenario meets the same cases with the same luck. What is left between them is the effect
# of the change and little else, so the interval is about the difference, replication by
# replication.

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
found = {(kpi, scenario): rest for kpi, scenario, *rest in rows}
labels = {each["name"]: each["label"] for each in results.manifest["scenarios"]}

# %% [markdown]
# Each bar below is a 95 % interval: a bar that crosses the line in the middle is a difference that
# these few replications cannot tell from none. Differences are in per cent of the baseline, so
# that measures with different units can stand side by side.

# %%
figure, panels = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for axes, scenario in zip(panels, results.scenarios[1:], strict=True):
    for place, kpi in enumerate(reversed(WATCHED)):
        difference, low, high, _ = found[kpi, scenario]
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
# In words. *Better* and *worse* are said only where the interval excludes nought and the
# difference is one that the experiment's file calls worth having.

# %%
for scenario in results.scenarios[1:]:
    print(labels[scenario])
    for kpi, title in WATCHED.items():
        difference, low, high, verdict = found[kpi, scenario]
        print(f"  {title}: {difference:+.1f} % ({low:+.1f} to {high:+.1f}), {verdict}")

# %% [markdown]
# ## One option against the other
#
# Any scenario can be the yardstick. Here the second day of trials is held against the ready files.

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
# Five replications show how it is done. `cjsim run ... --precision 0.01` goes on until each
# watched difference is known to within one per cent of the baseline's level.

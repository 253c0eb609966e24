# %% [markdown]
# # Listing policy
#
# Two in five magistrates' trials do not go ahead. A court that lists exactly to capacity has empty
# courtrooms on the day. A court that lists twice its capacity sends witnesses home unheard. What
# are the gain and the cost of each level of over-listing?

# %%
import tempfile
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt

import cjsim

scratch = Path(tempfile.mkdtemp())

# %% [markdown]
# ## The question
#
# `experiments/listing_policy.toml` runs this question for Staffordshire. This notebook runs it for
# the toy area, which takes seconds: four levels of over-listing from the first day on.

# %%
toy = cjsim.load_model("../models/toy")
usual = toy.lists["magistrates_trials"].over_listing.value
print(f"The toy area books its trial lists {usual} times over.")
STEPS = (1.0, 2.5, 3.5)
scenarios = "".join(
    f"""
[scenarios.booked_{step:.1f}]
label = "Booked {step:.1f} times"
[scenarios.booked_{step:.1f}.set]
"lists.magistrates_trials.over_listing" = {{ value = {step}, source = "assumption", \
range = [1.0, 3.5] }}
""".replace(f"booked_{step:.1f}", f"booked_{step:.1f}".replace(".", "_"))
    for step in STEPS
)
question = scratch / "over_listing.toml"
question.write_text(
    f"""
title = "Over-listing"
question = "What does over-listing buy in courtroom use and waits, and what does it cost witnesses?"
owner = "This notebook"

[run]
model = "{Path("../models/toy").resolve().as_posix()}"
from = 2013-04-01
to = 2014-03-31
replications = 3
seed = 1
{scenarios}
[report]
watch = ["utilisation", "witness_attendances_wasted_share"]
""",
    encoding="utf-8",
)
folder = cjsim.run(question, workers=1, out=scratch / "results", say=print)
kpis = cjsim.read_results(folder).kpis

# %% [markdown]
# ## Gain and cost
#
# Utilisation is minutes heard divided by minutes of sitting. An attendance is wasted if the trial
# is not heard.

# %%
rows = duckdb.sql("""
    select scenario,
           100 * avg(value) filter (kpi = 'utilisation' and "group" = 'magistrates_trials'),
           100 * avg(value) filter (kpi = 'witness_attendances_wasted_share' and "group" = ''),
           avg(value) filter (kpi = 'first_listing_to_trial_days' and "group" = 'mean')
    from kpis
    where period = 'all' and court = 'magistrates'
    group by scenario
""").fetchall()
level = {"baseline": usual, **{f"booked_{step:.1f}".replace(".", "_"): step for step in STEPS}}
points = sorted((level[scenario], *rest) for scenario, *rest in rows)
print("booked   courtroom in use   journeys wasted   days to trial")
for booked, used, wasted, days in points:
    print(f"{booked:>6.2f} {used:>16.0f} % {wasted:>15.0f} % {days:>15.0f}")

# %%
figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
axes.plot([days for *_, days in points], [wasted for *_, wasted, _ in points], color="#BFBFBF")
for booked, _, wasted, days in points:
    axes.plot(days, wasted, "o", markersize=8, color="#12436D" if booked != usual else "#F46A25")
    label = f"{booked:g} (as it is)" if booked == usual else f"{booked:g}"
    axes.annotate(label, (days, wasted), xytext=(8, 4), textcoords="offset points")
axes.set(xlabel="Days from first listing to trial", ylabel="Witness journeys wasted, per cent")
axes.margins(0.2)
axes.set_title("Each step of over-listing, from 1.0 up", loc="left")
plt.show()

# %% [markdown]
# Points to the left have a shorter wait, points higher up have more wasted attendances. Beyond the
# bend of the line a higher level saves almost no time and still wastes attendances. Which level to
# choose is a policy decision. Three replications of a small area leave Monte Carlo error in each
# point; the experiment for Staffordshire has ten replications and intervals.

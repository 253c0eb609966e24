# %% [markdown]
# # From published figures to a fitted model
#
# Nobody publishes how long each case was on bail before charge. A mean, a median and the share
# beyond 28 days are published. This notebook goes from such figures to a law, and from the law to
# a model that is run: does it come back to the figures that it was made from?

# %%
import tempfile
import tomllib
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt
import numpy as np

import cjsim

scratch = Path(tempfile.mkdtemp())

# %% [markdown]
# ## The figures
#
# The file of a fit names each figure, and the row of the register of evidence that it comes from.

# %%
file = Path("../calibration/fits/pre_charge_bail.toml")
figures = tomllib.loads(file.read_text(encoding="utf-8"))["figure"]
for figure_ in figures:
    use = "held out" if figure_.get("held_out") else "fitted"
    at = f" {figure_['at']} days" if "at" in figure_ else ""
    print(f"{figure_['kind']}{at}: {figure_['value']} ({figure_['source']}, {use})")

# %% [markdown]
# ## The law
#
# `cjsim.fit` tries several laws, keeps the one that agrees best for its number of free numbers,
# and says which figures it misses. A figure that is held out takes no part: it is there to judge
# by.

# %%
fitted, said = cjsim.fit(file, scratch / "pre_charge_bail")
print("\n".join(said))
law = tomllib.loads((fitted / "fit.toml").read_text(encoding="utf-8"))
duration = law["duration"]

# %%
# A lognormal law is known by two of its points: half take less than the median, nine in ten less
# than the 90th percentile, which lies 1.2816 standard deviations above it on the scale of logs.
days = np.linspace(0.5, 180, 400)
spread = np.log(duration["p90"] / duration["median"]) / 1.2816
heights = np.exp(-(np.log(days / duration["median"]) ** 2) / (2 * spread**2)) / days

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.fill_between(days, heights, color="#6BACE6", alpha=0.4, linewidth=0)
axes.plot(days, heights, color="#12436D")
for days_, label in ((duration["median"], "half take less"), (duration["p90"], "nine in ten")):
    axes.axvline(days_, color="#3D3D3D", linewidth=1, linestyle="--")
    axes.annotate(
        f"{label}\n{days_:.0f} days",
        (days_, heights.max()),
        xytext=(4, 0),
        textcoords="offset points",
        va="top",
    )
axes.set(xlabel="Days on bail before charge", ylim=(0, None), yticks=[])
axes.set_title("Most bails are short, a few are very long", loc="left")
plt.show()

# %% [markdown]
# ## The model
#
# In the model nobody draws how long a bail will be. A suspect is given a date to come back on, and
# another while nobody can decide yet; how long that goes on follows from the officer's work, the
# laboratories and what others still have to give. So the law is not put into the model. It is what
# the model's bails are held against, and these are the lengths that bring them about:

# %%
staffordshire = cjsim.load_model("../models/staffordshire_2013")
STAGES = ("outstanding_enquiries", "pre_charge_bail", "re_bail")
lengths = {stage: staffordshire.stages[stage].duration for stage in STAGES}
for stage, length in lengths.items():
    print(f"{stage}: median {length.median:g}, p90 {length.p90:g} {length.unit}, {length.source}")

# %% [markdown]
# ## Does it come back?
#
# The toy area's own bails are short. An experiment gives it the three lengths of Staffordshire. A
# question is a text file, wherever it is written.

# %%
settings = "".join(
    f'"stages.{stage}.duration" = {{ median = {length.median}, p90 = {length.p90}, '
    f'source = "assumption", range = {list(length.range)} }}\n'
    for stage, length in lengths.items()
)
question = scratch / "bail.toml"
question.write_text(
    f"""
title = "Bail before charge"
question = "Do bails in the model last as long as the published ones?"
owner = "This notebook"

[run]
model = "{Path("../models/toy").resolve().as_posix()}"
from = 2013-04-01
to = 2015-03-31
replications = 2
seed = 1

[scenarios.longer]
label = "Lengths as in Staffordshire"
[scenarios.longer.set]
{settings}
[report]
watch = ["pre_charge_bail_days"]
""",
    encoding="utf-8",
)
folder = cjsim.run(question, workers=1, out=scratch / "results", say=print)
kpis = cjsim.read_results(folder).kpis
simulated = duckdb.sql("""
    select "group", avg(value) filter (scenario = 'baseline'),
           avg(value) filter (scenario = 'longer')
    from kpis
    where kpi = 'pre_charge_bail_days' and period = 'all' and court = 'all'
      and "group" in ('median', 'mean', 'p90')
    group by "group" order by 2
""").fetchall()
print("days on bail   toy area   with the three lengths   the law")
for statistic, before, after in simulated:
    print(f"{statistic:<12} {before:>10.0f} {after:>24.0f} {law['says'][statistic]:>9.0f}")

# %% [markdown]
# A good way there, and not all of it. The rest is queues, of which the toy area's officers and
# laboratories have hardly any, and how bails are counted: one that has not ended when the run does
# is not counted yet, and those are the long ones. Published lengths of what has *ended* have the
# same fault, which is why the open caseload stands beside them among the figures above.

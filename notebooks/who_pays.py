# %% [markdown]
# # Who pays
#
# A reform by one agency often saves money for another. Costs are computed from the event log: a
# unit cost for each hour, day, event or post, paid by one agency. This notebook shows the costs of
# the two scenarios of the first question.

# %%
import duckdb
import matplotlib.pyplot as plt

import cjsim

folder = cjsim.run(
    "../experiments/first_question.toml", replications=5, workers=1, out="../results", say=print
)
results = cjsim.read_results(folder)

# %% [markdown]
# ## By agency
#
# `cost_gbp` by agency is in prices of the model's price base year. The total is the sum over
# agencies, without payments from one agency to another.

# %%
base = cjsim.load_model("../models/toy").costs.price_base
comparison = results.comparison
rows = duckdb.sql("""
    select scenario, "group" as agency, difference, low, high
    from comparison where kpi = 'cost_gbp' and court = 'all'
""").fetchall()
print(f"Differences in pounds a year, in prices of {base}")
for scenario in results.scenarios[1:]:
    print(scenario)
    for each, agency, difference, low, high in rows:
        if each == scenario:
            who = agency or "all agencies"
            # A difference that is the same in every replication has no interval.
            interval = "the same each time" if low is None else f"{low:+,.0f} to {high:+,.0f}"
            print(f"  {who:<22} {difference:>+10,.0f} ({interval})")

# %%
agencies = sorted({agency for _, agency, difference, *_ in rows if agency and difference})
largest = max(abs(end) for _, agency, *ends in rows if agency for end in ends if end is not None)
figure, panels = plt.subplots(1, 2, figsize=(10, 4.5), sharey=True, layout="constrained")
for axes, scenario in zip(panels, results.scenarios[1:], strict=True):
    of = {agency: rest for each, agency, *rest in rows if each == scenario}
    for place, agency in enumerate(agencies):
        difference, low, high = (None if pounds is None else pounds / 1000 for pounds in of[agency])
        colour = "#12436D" if difference <= 0 else "#F46A25"
        axes.barh(place, difference, color=colour)
        if low is not None:
            axes.plot([low, high], [place, place], color="#3D3D3D", linewidth=1)
    axes.axvline(0, color="#3D3D3D", linewidth=1)
    axes.set_xlim(-1.1 * largest / 1000, 1.1 * largest / 1000)
    axes.set_xlabel(f"Thousand pounds a year more or less, {base} prices")
    label = next(
        each["label"] for each in results.manifest["scenarios"] if each["name"] == scenario
    )
    axes.set_title(label, loc="left")
names = {"cps": "CPS", "hmcts": "HMCTS"}
titles = [names.get(agency, agency.replace("_", " ").capitalize()) for agency in agencies]
panels[0].set_yticks(range(len(agencies)), titles)
plt.show()

# %% [markdown]
# Bars to the left are savings, bars to the right are costs; the thin line is the 95 % interval.
#
# ## Cashable savings
#
# An hour saved of an officer's time is available for other work; it does not reduce spending.
# `cashable` is the part of the cost that falls when activity falls.

# %%
duckdb.sql("""
    select scenario, round(sum(difference) filter (kpi = 'cost_gbp')) as all_costs,
           round(sum(difference) filter (kpi = 'cost_cashable_gbp')) as of_which_cashable
    from comparison where court = 'all' and "group" = '' group by scenario order by scenario
""").show()

# %% [markdown]
# ## Unit costs
#
# Every unit cost has a payer, a quantity, a price year and a source.

# %%
for name, unit in list(cjsim.load_model("../models/toy").costs.units.items())[:6]:
    print(f"{name}: {unit.agency}, £{unit.gbp.at('default'):g} per {unit.per} ({unit.gbp.source})")

# %% [markdown]
# To use other unit costs, give `cjsim cost RESULTS --costs FILE`. It computes the costs from the
# same event log, without another run.

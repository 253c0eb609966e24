"""The page of mutants counts what tests noticed, and hides nothing."""

from __future__ import annotations

from tests.mutants import counted, function_of, page

CODES = {
    "cjsim.measures.comparison.x_compare__mutmut_1": 1,
    "cjsim.measures.comparison.x_compare__mutmut_2": 0,
    "cjsim.measures.comparison.x__verdict__mutmut_1": 33,
    "cjsim.measures.comparison.x__verdict__mutmut_2": 36,
    "cjsim.measures.comparison.x__verdict__mutmut_3": None,
}


def test_what_no_test_runs_is_not_noticed_and_what_was_not_tried_does_not_count() -> None:
    tried, noticed, missed = counted(CODES)
    assert (tried, noticed) == (4, 2)
    assert missed == {"compare": 1, "_verdict": 1}


def test_a_function_has_the_name_that_its_author_gave_it() -> None:
    assert function_of("cjsim.a.x__verdict__mutmut_12") == "_verdict"
    assert function_of("cjsim.a.xǁWatchedǁreached__mutmut_1") == "Watched.reached"


def test_the_page_says_whether_the_promise_is_kept_and_what_is_left() -> None:
    said = page({"cjsim/measures/comparison.py": CODES})
    assert "| `cjsim/measures/comparison.py` | 4 | 2 | 50.0% |" in said
    assert "The promise is not kept." in said
    assert "1 more changes were not tried" in said
    assert "`compare` 1, `_verdict` 1" in said
    assert "The promise is kept." in page({"module": {"a.x_b__mutmut_1": 1}})

"""Findings of signals quote the results, and say where there are none."""

import json

from signal_data import FULL, NO_CRITICAL
from verdict_schema import check

from netphase.criticality.summaries import entropy_steps, lost_depth
from netphase.findings.criticality import judge
from netphase.findings.verdicts import NOT_REPRODUCED, NOT_TESTABLE, REPRODUCED, SAMPLING
from netphase.streams import stream


def judged(spectra, cascade, loss=None):
    steps = entropy_steps(spectra, stream("steps"))
    loss = lost_depth(spectra, cascade, stream("loss")) if loss is None else loss
    findings, verdicts = judge("deep", spectra, cascade, steps, loss)
    check(json.loads(json.dumps(verdicts, allow_nan=False)))
    return findings, verdicts


def test_findings_quote_what_was_found():
    spectra, cascade, _ = FULL
    findings, verdicts = judged(spectra, cascade)
    assert findings.keys() == verdicts.keys() == {"deep"}
    answers = [entry for entry in findings["deep"] if entry["ladder"] == "digits"]
    assert f"{float(spectra.critical_mean[0]):.2f} [" in answers[0]["answer"]
    assert "Subcritical up to 1" in answers[1]["answer"]
    assert answers[2]["answer"].startswith("No: at the last layer")
    assert (
        "6 steps between neighbouring variances 6 surely rise, 0 surely fall"
        in (answers[2]["trust"])
    )
    for entry in findings["deep"]:
        assert all(isinstance(value, str) and value for value in entry.values())


def test_nothing_found_is_said():
    findings, verdicts = judged(*NO_CRITICAL[:2])
    assert "none by Gram spectra" in findings["deep"][0]["answer"]
    assert "supercritical from none on" in findings["deep"][1]["answer"]
    assert "nan" not in f"{findings}{verdicts}"
    by_claim = {claim["claim"]: claim["verdict"] for claim in verdicts["deep"]}
    assert (
        by_claim["The critical point of wide networks is that of mean-field theory."]
        == NOT_TESTABLE
    )


def test_a_verdict_minds_the_interval():
    spectra, cascade, _ = FULL
    for ends, verdict in (
        ((8.0, 7.5, 8.5), REPRODUCED),
        ((8.0, 6.0, 8.5), SAMPLING),
        ((12.0, 11.0, 13.0), NOT_REPRODUCED),
        (3 * (float("nan"),), NOT_TESTABLE),
    ):
        claims = judged(spectra, cascade, [[end, end] for end in ends])[1]["deep"]
        said = [one["verdict"] for one in claims if "eight correlation lengths" in one["claim"]]
        assert said == [verdict, verdict]

"""Writes freqtrade.json: what freqtrade itself makes of configuration files, variables, JSON texts and pair patterns.

Run with an interpreter that has freqtrade: PYTHON Tests/Fixtures/configuration/make.py
The cases are drawn with a fixed seed, so that the file only changes with freqtrade.
"""

import json
import logging
import math
import random
import re
import tempfile
from pathlib import Path

import freqtrade
import rapidjson
from freqtrade.configuration.environment_vars import _flat_vars_to_nested_dict, _get_var_typed
from freqtrade.configuration.load_config import CONFIG_PARSE_MODE, load_from_files
from freqtrade.misc import deep_merge_dicts

logging.disable(logging.CRITICAL)
RNG = random.Random(20240101)
NAMES = ["a", "b", "stake_amount", "exchange", "name", "telegram", "minimal_roi"]


def scalar():
    return RNG.choice([None, True, False, 0, 1, -7, 0.5, 1e-7, 12345678901, "x", "unlimited", "", "täglich", [], [1, 2], ["a"]])


def tree(depth):
    result = {}
    for name in RNG.sample(NAMES, RNG.randint(0, 4)):
        result[name] = tree(depth + 1) if depth < 3 and RNG.random() < 0.4 else scalar()
    return result


def decorated(value):
    """The JSON of a value with comments and trailing commas in some places."""
    text = json.dumps(value, indent=RNG.choice([None, 1, 4]), ensure_ascii=RNG.random() < 0.5)
    if RNG.random() < 0.5:
        text = "// first\n" + text + "\n/* last\n   one */"
    if RNG.random() < 0.5 and len(value) > 0:
        text = re.sub(r"}(\s*(/\*.*)?)$", r",}\1", text, count=1, flags=re.S) if text.rstrip().endswith("}") else text
    return text


def variables():
    result = {}
    for _ in range(RNG.randint(0, 4)):
        parts = [RNG.choice(NAMES + ["ccxt_config", "apiKey", "CHAT_ID", "PASSWORD"]) for _ in range(RNG.randint(1, 3))]
        parts = [p if RNG.random() < 0.3 else p.upper() for p in parts]
        result["FREQTRADE__" + "__".join(parts)] = RNG.choice(VALUES)
    return result


VALUES = [
    "1", "-3", "+5", "007", "1_000", "1__0", "_1", "1_", " 12 ", "0.5", ".5", "5.", "1e3", "1E-5", "1e", "e5", "--1", "1.2.3", "0x10",
    "nan", "NaN", "inf", "-Infinity", "true", "True", "TRUE", "t", "f", "False", "yes", "on", "null", "none", "", " ", "text",
    "[1, 2]", '["BTC/USDT", "ETH/USDT"]', "[1, 2,]", "[", "{}", '{"a": 1}', "[true, null, {\"a\": [0.5]}]", "unlimited", "12abc",
    "1 2", "123456789012345678901234567890", "1.5_0", "1_e5", "20240101-20240201",
]

TEXTS = [
    "{}", "[]", "1", '"a"', "", " ", "{", "}", "[1,]", "[,]", "{,}", '{"a":1,}', '{"a":1,,}', '{"a" 1}', "{a:1}", "{'a':1}", '{"a":01}',
    '{"a":1.}', '{"a":.5}', '{"a":+1}', '{"a":-}', '{"a":1e}', '{"a":1e5}', '{"a":1E+5}', '{"a":-0}', '{"a":-0.0}', '{"a":NaN}',
    '{"a":Infinity}', '{"a":-Infinity}', '{"a":Inf}', '{"a":nan}', '{"a":true}', '{"a":True}', '{"a":tru}', '{"a":null}', '{"a":1}x',
    '{"a":1}//', '{"a":1}/*x*/', '{"a":1}/*x', '/*a*/{"a":/*b*/1}', '//x\n{"a":1}', '{"a":1}/', '{"a":"\\u0041"}', '{"a":"\\ud83d\\ude00"}',
    '{"a":"\\ud83d"}', '{"a":"\\ude00"}', '{"a":"\\u00zz"}', '{"a":"\\x"}', '{"a":"\\n\\t\\/"}', '{"a":"\n"}', '{"a":"\t"}', '{"a":"x}',
    '{"a":1e400}', '{"a":1e308}', '{"a":0.1}', '{"a":123456789012345678}', '{"a":1,"a":2}', '{"a":{"b":[1,{"c":null}]}}',
]

PATTERNS = [
    "BTC/USDT", "btc/usdt", ".*/USDT", "BNB/.*", "(BTC|ETH)/.*", ".*(UP|DOWN)/USDT", ".*UP/.*", "[A-C].*/USDT", "[^A-C].*/USDT", "BTC/USD.",
    "BTC/USD", "B?TC/USDT", "X+RP/.*", "(A|B|)DA/.*", ".*", "", "ETH/(USDT|BTC|EUR)", "(BTC", "BTC)", "[BTC", "*", "a|b", r"BTC\/USDT",
    "((BTC|ETH)|XRP)/(U(S)D(T)?)", "^BTC/USDT$", "(?:BTC|ADA)/USDT", "(a+)+b", "1000[A-Z]+/USDT",
]
PAIRS = ["BTC/USDT", "ETH/USDT", "BNB/USDT", "BTCUP/USDT", "ADA/BTC", "XRP/EUR", "1000SHIB/USDT", "XXRP/USDT"]


def kind(value):
    if isinstance(value, float) and not math.isfinite(value):
        return {"special": "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")}
    if isinstance(value, dict):
        return {"object": {k: kind(v) for k, v in value.items()}}
    if isinstance(value, list):
        return {"array": [kind(v) for v in value]}
    return {"value": value}


def loading():
    cases = []
    while len(cases) < 300:
        files = {f"c{i}.json": tree(0) for i in range(RNG.randint(1, 4))}
        names = sorted(files)
        arguments = RNG.sample(names, RNG.randint(1, len(names)))
        for name in names:
            # Only files further down the alphabet are included, so that there is no circle.
            later = [n for n in names if n > name]
            if later and RNG.random() < 0.3:
                files[name]["add_config_files"] = RNG.sample(later, RNG.randint(1, len(later)))
        environment = variables()
        texts = {name: decorated(value) for name, value in files.items()}
        with tempfile.TemporaryDirectory() as folder:
            for name, text in texts.items():
                (Path(folder) / name).write_text(text)
            try:
                result = load_from_files([str(Path(folder) / n) for n in arguments])
                result.pop("config_files", None)
                overrides = _flat_vars_to_nested_dict(environment, "FREQTRADE__")
                if overrides:
                    result = deep_merge_dicts(overrides, result)
                outcome = {"result": kind(result)}
            except Exception as error:  # freqtrade lets a type error through where sections and values clash
                outcome = {"error": type(error).__name__}
        cases.append({"files": texts, "arguments": arguments, "environment": environment, **outcome})
    return cases


def parsing():
    cases = []
    for text in TEXTS:
        try:
            cases.append({"text": text, "result": kind(rapidjson.loads(text, parse_mode=CONFIG_PARSE_MODE))})
        except rapidjson.JSONDecodeError:
            cases.append({"text": text})
    return cases


def patterns():
    cases = []
    for pattern in PATTERNS:
        try:
            found = [pair for pair in PAIRS if re.fullmatch(pattern, pair, re.IGNORECASE)]
            cases.append({"pattern": pattern, "pairs": PAIRS, "matches": found})
        except re.error:
            cases.append({"pattern": pattern, "pairs": PAIRS})
    return cases


if __name__ == "__main__":
    document = {
        "freqtrade": freqtrade.__version__,
        "loading": loading(),
        "typed": [{"text": text, "result": kind(_get_var_typed(text))} for text in VALUES],
        "parsing": parsing(),
        "patterns": patterns(),
    }
    target = Path(__file__).with_name("freqtrade.json")
    target.write_text(json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n")
    errors = sum("error" in case for case in document["loading"])
    print(f"{target}: {len(document['loading'])} loading cases, {errors} of them errors")

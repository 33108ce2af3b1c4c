"""Starts `pragma paper-exchange` for clients that nobody here wrote, and asks it for its books.

PRAGMA_BIN names the executable. Everything lies in a folder of its own and ends with it.
"""
import json
import os
import subprocess
import tempfile
import time
import urllib.request

# Keys of paper venues begin with "paper"; they open nothing anywhere else.
KEY = "paperkey0000000000000000000000000000000000000000000000000000001"
SECRET = "cGFwZXItc2VjcmV0LW9mLXRoZS10ZXN0cw=="

VENUE = """
  - name: paper-{protocol}
    protocol: {protocol}
    listen: 127.0.0.1:0
    seed: 7
    market: {{synthetic: {{seed: 11}}}}
    history: 10d
    rate_limits: {limits}
    fees: {{maker: 0.001, taker: 0.001}}
    instruments:
{instruments}
    accounts:
      - name: main
        key: {key}
        secret: {secret}
        balances: {{{balances}}}
"""


class Paper:
    """A running paper exchange with one venue for each protocol."""

    def __init__(self, protocols=("binance", "kraken"), pairs=("BTC/USDT", "ETH/USDT"), balances=None, limits=False):
        self.folder = tempfile.TemporaryDirectory(prefix="pragma-real-")
        self.ready = os.path.join(self.folder.name, "ready.json")
        config = os.path.join(self.folder.name, "paper.yaml")
        balances = balances or {"USDT": 100000, "BTC": 2, "ETH": 20}
        instruments = "".join(f"      - pair: {pair}\n" for pair in pairs)
        with open(config, "w") as file:
            file.write("venues:\n")
            for protocol in protocols:
                file.write(VENUE.format(
                    protocol=protocol, limits=str(limits).lower(), instruments=instruments, key=KEY, secret=SECRET,
                    balances=", ".join(f"{name}: {amount}" for name, amount in balances.items())))
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        self.process = subprocess.Popen(
            [os.environ["PRAGMA_BIN"], "paper-exchange", "--config", config, "--ready-file", self.ready],
            stdout=self.log, stderr=subprocess.STDOUT)
        self._wait()

    def _wait(self):
        end = time.monotonic() + 60
        while not os.path.exists(self.ready):
            if self.process.poll() is not None or time.monotonic() > end:
                self.log.seek(0)
                raise SystemExit("the paper exchange did not start:\n" + self.log.read())
            time.sleep(0.02)
        with open(self.ready) as file:
            told = json.load(file)
        self.control = told["control"]
        self.venues = {venue["protocol"]: venue for venue in told["venues"]}

    def url(self, protocol):
        return self.venues[protocol]["url"]

    def stream_url(self, protocol):
        return self.venues[protocol]["stream_url"]

    def _ask(self, method, protocol, what, body=None):
        request = urllib.request.Request(
            f"{self.control['url']}/v1/venues/paper-{protocol}/{what}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.control["token"]})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def books(self, protocol):
        return self._ask("GET", protocol, "books")

    def fault(self, protocol, kind, **settings):
        return self._ask("POST", protocol, "faults", {"kind": kind, **settings})

    def clear(self, protocol):
        return self._ask("DELETE", protocol, "faults")

    def account(self, protocol):
        return self.books(protocol)["accounts"][0]

    def balance(self, protocol, asset):
        """Free and locked of one currency, as the venue's own books have them."""
        row = next(row for row in self.account(protocol)["balances"] if row["asset"] == asset)
        return float(row["free"]), float(row["locked"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.log.close()
        self.folder.cleanup()


def binance_options(paper):
    """Every address of ccxt's Binance client points at the paper exchange, so that nothing tries to leave the machine."""
    rest, stream = paper.url("binance"), paper.stream_url("binance")
    api = {name: rest + "/api/v3" for name in ("public", "private", "v1")}
    api |= {name: rest + "/sapi/v1" for name in ("sapi", "sapiV2", "sapiV3", "sapiV4")}
    api |= {name: rest + "/fapi/v1" for name in (
        "fapiPublic", "fapiPublicV2", "fapiPublicV3", "fapiPrivate", "fapiPrivateV2", "fapiPrivateV3", "fapiData")}
    api |= {name: rest + "/dapi/v1" for name in ("dapiPublic", "dapiPrivate", "dapiData", "dapiPrivateV2")}
    api |= {"eapiPublic": rest + "/eapi/v1", "eapiPrivate": rest + "/eapi/v1", "papi": rest + "/papi/v1"}
    api["ws"] = {
        "spot": stream + "/ws", "margin": stream + "/ws", "future": stream + "/ws", "delivery": stream + "/ws",
        "ws-api": {name: stream + "/ws-api/v3" for name in ("spot", "future", "delivery")}}
    return {
        "apiKey": KEY, "secret": SECRET, "urls": {"api": api},
        "options": {
            "fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": ["spot"]}, "defaultType": "spot"}}


def kraken_options(paper):
    rest, stream = paper.url("kraken"), paper.stream_url("kraken")
    return {
        # ccxt's own brake allows one request a second; the venue's limits are tested with freqtrade.
        "apiKey": KEY, "secret": SECRET, "enableRateLimit": False,
        "urls": {"api": {
            "public": rest, "private": rest, "zendesk": rest,
            "ws": {
                "public": stream + "/v1", "private": stream + "/v1", "privateV2": stream + "/v2", "publicV2": stream + "/v2",
                "beta": stream + "/v1", "beta-private": stream + "/v1"}}}}

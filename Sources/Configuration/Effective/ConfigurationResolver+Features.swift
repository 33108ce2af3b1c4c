/// freqtrade's features that are not there: an error where leaving one out would change results, a warning where not.
extension ConfigurationResolver {
    func checkFeatures(mode: ExecutionMode) {
        checkTradingMode()
        refuse("position_adjustment_enable", "position adjustment is not supported yet", remedy: "remove the key or write false")
        refuse("enable_protections", "protections are not supported yet", remedy: "remove the key or write false")
        refuse(
            "reduce_df_footprint", "makes freqtrade count in 32-bit numbers, and here results are counted in 64-bit ones",
            remedy: "remove the key or write false")
        for (name, what) in [("freqai", "FreqAI is not supported"), ("edge", "Edge is gone from freqtrade too")] {
            if let section = root.section(name), section.member("enabled")?.boolean == true {
                section.add(.unsupported, "enabled", what, remedy: "remove the section")
            }
        }
        if let text = root.string("timeframe_detail"), !text.isEmpty {
            root.add(.unsupported, "timeframe_detail", "a detail timeframe is not supported yet", remedy: "remove the key")
        }
        if root.member("protections") != nil {
            root.add(.unsupported, "protections", "protections do not belong into a configuration", remedy: "remove the key")
        }
        if let list = root.strings("strategy_list"), !list.isEmpty {
            root.add(
                .unsupported, "strategy_list", "one run has one strategy", remedy: "run them as a farm: pragma sweep FARM.yaml")
        }
        if let format = root.string("dataformat_ohlcv"), format != "feather" {
            root.add(
                .unsupported, "dataformat_ohlcv", "candles are read from feather files",
                remedy: "convert them (freqtrade convert-data), and write \"feather\" or remove the key")
        }
        checkPairlists()
        warnOfIgnored(mode: mode)
    }

    private func refuse(_ name: String, _ problem: String, remedy: String) {
        if root.boolean(name) == true { root.add(.unsupported, name, problem, remedy: remedy) }
    }

    private func checkTradingMode() {
        if let mode = root.choice("trading_mode", of: ["spot", "margin", "futures"]), mode != "spot" {
            root.add(
                .unsupported, "trading_mode", "only spot trading is supported yet: no shorts, no leverage",
                remedy: "write \"spot\" or remove the key")
        }
        _ = root.choice("margin_mode", of: ["", "isolated", "cross"])
    }

    private func checkPairlists() {
        for section in root.sections("pairlists") ?? [] {
            guard section.member("method") != nil else {
                section.addMissing("method", remedy: "write \"method\": \"StaticPairList\"")
                continue
            }
            if let method = section.string("method"), method != "StaticPairList" {
                section.add(
                    .unsupported, "method", "only a fixed list of pairs is supported",
                    remedy: "write \"StaticPairList\", and the pairs into exchange.pair_whitelist")
            }
        }
    }
}

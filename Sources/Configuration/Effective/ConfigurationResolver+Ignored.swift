/// Keys that freqtrade reads and that change nothing here: nobody should believe that they do.
extension ConfigurationResolver {
    func warnOfIgnored(mode: ExecutionMode) {
        for name in ["telegram", "webhook", "discord", "api_server", "external_message_consumer"] {
            guard let section = root.section(name), section.member("enabled")?.boolean == true else { continue }
            section.add(
                .ignored, "enabled", "is read by freqtrade only", remedy: "the monitor's configuration says who is told of what",
                severity: .warning)
        }
        if root.member("strategy_path") != nil {
            root.add(
                .ignored, "strategy_path", "strategies are compiled in", remedy: "remove the key", severity: .warning)
        }
        if root.member("user_data_dir") != nil {
            ignore(root, "user_data_dir", "is not read", remedy: "name the folder with the candles: datadir or --datadir")
        }
        if root.member("export") != nil {
            ignore(root, "export", "has no effect", remedy: "trades are written with pragma backtest --export-trades FILE")
        }
        if mode == .backtest { warnOfLiveOnly() }
        if mode != .live, let section = root.section("risk"), ![nil, "fixed"].contains(section.member("sizing")?.string) {
            ignore(
                section, "sizing", "sizes live jobs only", remedy: "here a trade costs stake_amount: remove the key or know of it"
            )
        }
    }

    /// What only has a meaning where orders stay with a venue.
    private func warnOfLiveOnly() {
        if let section = root.section("unfilledtimeout"), (section.member("exit_timeout_count")?.number?.value ?? 0) > 0 {
            ignore(section, "exit_timeout_count", "has no effect in a backtest", remedy: "remove the key or write 0")
        }
        guard let execution = root.section("execution") else { return }
        // Each differs from what is done anyway.
        for (name, value) in [("monitoring", false), ("alerts", true)] where execution.member(name)?.boolean == value {
            ignore(execution, name, "has no effect in a backtest", remedy: "remove the key")
        }
    }

    private func ignore(_ section: SectionReader, _ name: String, _ problem: String, remedy: String) {
        section.add(.ignored, name, problem, remedy: remedy, severity: .warning)
    }
}

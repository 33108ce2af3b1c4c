internal import LiveGates

/// The mode, the seed's `execution` section and what live trading needs.
extension ConfigurationResolver {
    private static let executionKeys = [
        "mode", "safety_checks", "monitoring", "alerts", "confirm_live", "safety_phrase", "data_path", "timerange",
    ]

    func resolveMode(_ execution: SectionReader?) -> ExecutionMode {
        guard let execution, execution.member("mode") != nil else { return purpose ?? modeWithoutKey }
        guard let text = execution.string("mode") else { return purpose ?? modeWithoutKey }
        guard let mode = ExecutionMode(text: text) else {
            let known = ExecutionMode.allCases.map(\.rawValue)
            let nearest = NearestName.find(text, among: known).map { "did you mean \"\($0)\"? " } ?? ""
            execution.add(.mode, "mode", "is no mode", remedy: nearest + "choose backtest, dry-run or live")
            return purpose ?? .backtest
        }
        if text == "simulated" {
            execution.add(
                .modeAlias, "mode", "is another word for dry-run", remedy: "write \"dry-run\"", severity: .warning)
        }
        guard let purpose, purpose != mode else { return mode }
        if mode == .live || purpose == .live {
            execution.add(
                .mode, "mode", "is for another purpose than \(purpose.rawValue)",
                remedy: "use a configuration with \"mode\": \"\(purpose.rawValue)\"")
        }
        return purpose
    }

    /// The seed's rule for files without a mode: not a dry run is live, a time range is a backtest.
    private var modeWithoutKey: ExecutionMode {
        if root.member("dry_run")?.boolean == false { return .live }
        return root.member("timerange") != nil || isSweepBase ? .backtest : .dryRun
    }

    func resolveExecution(_ execution: SectionReader?, mode: ExecutionMode) -> ExecutionSettings {
        checkDryRun(mode: mode)
        var result = ExecutionSettings()
        guard let execution else { return result }
        execution.reportUnknown(.warning, known: Self.executionKeys, remedy: "it is kept but nothing reads it")
        result.safetyChecks = execution.boolean("safety_checks") ?? true
        result.monitoring = execution.boolean("monitoring") ?? true
        result.alerts = execution.boolean("alerts") ?? false
        result.confirmLive = execution.boolean("confirm_live") ?? false
        if let phrase = execution.string("safety_phrase") {
            result.phraseIsRight = SafetyPhrase.confirmationMatches(phrase)
        }
        return result
    }

    /// A missing `dry_run` counts as true.
    private func checkDryRun(mode: ExecutionMode) {
        let dryRun = root.boolean("dry_run")
        if mode != .live, dryRun == false {
            root.add(
                .modeDryRun, "dry_run", "is false, and the mode is \(mode.rawValue)",
                remedy: "write \"dry_run\": true; for real orders the mode is live")
        }
    }

    // MARK: - Live

    /// Every requirement of live trading that a configuration can show.
    func checkLive(
        _ settings: ExecutionSettings, execution: SectionReader?, sizing: SizingSettings, exchange: ExchangeSettings,
        account: AccountSettings?
    ) {
        let section = execution ?? emptySection("execution")
        if !settings.confirmLive {
            section.add(
                .liveConfirm, "confirm_live", "is not true", remedy: "write \"confirm_live\": true, and add --confirm-live")
        }
        if section.member("safety_phrase") == nil {
            section.add(
                .livePhraseMissing, "safety_phrase", "is missing", remedy: "write the phrase that docs/operations.md names")
        } else if !settings.phraseIsRight {
            collector.add(
                .error, .livePhraseWrong, at: section.member("safety_phrase")?.location ?? .none,
                key: section.key("safety_phrase"), "is not the phrase", remedy: "write the phrase that docs/operations.md names")
        }
        if !settings.safetyChecks {
            section.add(.liveSafetyChecks, "safety_checks", "is false", remedy: "remove the key: live checks cannot be left out")
        }
        checkLiveDryRun()
        checkLiveSizing(sizing)
        checkLiveRisk()
        if account == nil, root.member("account") == nil {
            root.add(
                .liveAccount, "account", "is missing",
                remedy: "write \"account\": {\"name\": NAME, \"exclusive\": true}; its credentials belong on the live worker")
        }
        if !exchange.name.isEmpty, !exchange.name.hasPrefix("paper-") {
            root.section("exchange")?.add(
                .liveVenue, "name", "is no paper venue, and live trading is limited to paper venues in this version",
                remedy: "write paper-\(SecretKeys.shortened(exchange.name))")
        }
    }

    private func checkLiveDryRun() {
        let member = root.member("dry_run")
        if case .environment? = member?.location.origin {
            root.add(
                .liveDryRunOverride, "dry_run", "is set by an environment variable",
                remedy: "unset it, and write \"dry_run\": false into the file")
        } else if member?.boolean != false {
            root.add(
                .liveDryRun, "dry_run", member == nil ? "is missing and counts as true" : "is true",
                remedy: "write \"dry_run\": false into the file")
        }
    }

    private func checkLiveSizing(_ sizing: SizingSettings) {
        if sizing.maxOpenTrades == nil, root.member("max_open_trades")?.number != nil || root.member("max_open_trades") == nil {
            root.add(
                .liveOpenTrades, "max_open_trades", root.member("max_open_trades") == nil ? "is missing" : "is unlimited",
                remedy: "write how many trades may be open at once")
        }
        if root.member("stake_amount")?.string == "unlimited" {
            root.add(
                .liveStakeUnlimited, "stake_amount", "puts the whole balance at risk",
                remedy: "write an amount of stake currency", severity: .warning)
        }
    }

    private func checkLiveRisk() {
        guard root.member("risk") != nil else {
            root.add(
                .liveRiskMissing, "risk", "is missing",
                remedy: "add a \"risk\" section with \(RiskLimits.keys.joined(separator: ", "))")
            return
        }
        guard let section = root.section("risk") else { return }
        let defaults = RiskLimits().value
        for name in RiskLimits.keys where section.member(name) == nil {
            let usual = defaults[name]?.number?.canonicalText ?? ""
            section.add(.liveRiskLimit, name, "is missing", remedy: "write a limit: \"\(name)\": \(usual)")
        }
    }

    func resolveAccount() -> AccountSettings? {
        guard let section = root.section("account") else { return nil }
        section.reportUnknown(.warning, known: ["name", "exclusive", "dead_man"], remedy: "it is kept but nothing reads it")
        guard section.member("name") != nil else {
            section.addMissing("name", remedy: "write the name under which the live worker has the credentials")
            return nil
        }
        guard let name = section.nonEmpty("name") else { return nil }
        let exclusive = section.boolean("exclusive") ?? false
        let deadMan = section.choice("dead_man", of: AccountSettings.DeadMan.allCases.map(\.rawValue))
            .flatMap(AccountSettings.DeadMan.init)
        if let deadMan, deadMan != .off, !exclusive {
            section.add(
                .liveDeadMan, "dead_man", "is \(deadMan.rawValue), and the account is not exclusive",
                remedy:
                    "write \"exclusive\": true if nobody else trades on it: the venue's timer cancels every order of the account")
        }
        return AccountSettings(name: name, exclusive: exclusive, deadMan: deadMan ?? .entries)
    }

    private func emptySection(_ name: String) -> SectionReader {
        SectionReader(ConfigValue(.object([:]), at: root.value.location), path: name, collector: collector)
    }
}

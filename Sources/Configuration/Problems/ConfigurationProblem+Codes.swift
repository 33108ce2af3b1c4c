/// Every code there is. Programs match on them: a code never changes its meaning.
extension ConfigurationProblem.Code {
    // Files.
    package static let unreadable = Self("file.unreadable")
    package static let syntax = Self("file.syntax")
    package static let notAnObject = Self("file.notAnObject")
    package static let includeLoop = Self("file.includeLoop")
    package static let duplicateKey = Self("key.duplicate")
    package static let mergeConflict = Self("key.mergeConflict")
    package static let unknownKey = Self("key.unknown")
    package static let missingKey = Self("key.missing")
    package static let environment = Self("environment.invalid")

    // Values.
    package static let wrongType = Self("value.type")
    package static let outOfRange = Self("value.outOfRange")
    package static let notAllowed = Self("value.notAllowed")
    package static let notFinite = Self("value.notFinite")
    package static let conflict = Self("value.conflict")

    // Strategy.
    package static let unknownStrategy = Self("strategy.unknown")
    package static let unknownParameter = Self("strategy.unknownParameter")
    package static let invalidParameter = Self("strategy.invalidParameter")

    // Market and time.
    package static let timeframe = Self("timeframe.invalid")
    package static let timerange = Self("timerange.invalid")
    package static let timerangeOpen = Self("timerange.missing")
    package static let pairForm = Self("pair.form")
    package static let pairPattern = Self("pair.pattern")
    package static let pairQuote = Self("pair.quote")
    package static let pairTwice = Self("pair.twice")
    package static let pairsEmpty = Self("pair.none")

    // Sizing and exits.
    package static let unlimitedTwice = Self("sizing.unlimitedStakeNeedsMaxOpenTrades")
    package static let openTradesUnset = Self("sizing.maxOpenTradesUnset")
    package static let walletCurrency = Self("sizing.walletCurrency")
    package static let stakeOverWallet = Self("sizing.stakeOverWallet")
    package static let stoplossSign = Self("exit.stoplossSign")
    package static let roiTable = Self("exit.roiTable")
    package static let trailing = Self("exit.trailing")

    // Execution mode.
    package static let mode = Self("mode.invalid")
    package static let modeAlias = Self("mode.alias")
    package static let modeDryRun = Self("mode.dryRunConflict")

    // Credentials.
    package static let credentialPlaceholder = Self("credential.placeholder")
    package static let credentialInFile = Self("credential.inFile")

    // Live: each requirement that a file can show.
    package static let liveConfirm = Self("live.confirmLive")
    package static let livePhraseMissing = Self("live.safetyPhraseMissing")
    package static let livePhraseWrong = Self("live.safetyPhraseWrong")
    package static let liveDryRun = Self("live.dryRun")
    package static let liveDryRunOverride = Self("live.dryRunOverride")
    package static let liveSafetyChecks = Self("live.safetyChecks")
    package static let liveRiskMissing = Self("live.riskMissing")
    package static let liveRiskLimit = Self("live.riskLimitMissing")
    package static let liveStakeUnlimited = Self("live.stakeUnlimited")
    package static let liveOpenTrades = Self("live.maxOpenTrades")
    package static let liveAccount = Self("live.account")
    package static let liveDeadMan = Self("live.deadMan")
    package static let liveVenue = Self("live.venueNotPaper")

    // freqtrade features.
    package static let unsupported = Self("feature.unsupported")
    package static let ignored = Self("feature.ignored")

    // Role files.
    package static let endpoint = Self("endpoint.invalid")
    package static let endpointUnencrypted = Self("endpoint.unencrypted")
    package static let duration = Self("duration.invalid")
    package static let byteCount = Self("bytes.invalid")

    // Sweeps.
    package static let sweepEmpty = Self("sweep.empty")
    package static let sweepTooLarge = Self("sweep.tooLarge")
    package static let sweepSample = Self("sweep.sample")
    package static let sweepRange = Self("sweep.range")
}

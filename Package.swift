// swift-tools-version: 6.2
import PackageDescription

// One list of modules describes the whole package; the products, targets and package dependencies below follow from it.
//
// `PRAGMA_ONLY=Name,Name` in the environment reduces the package to those modules and what they import, and drops every
// package dependency that is then unused. Sanitizers, fuzzers and a developer of one module use it: they compile
// no heavy dependency at all. With the variable unset (as for everybody else) the whole package is there.

/// A module of this package: what it imports from here and from other packages.
struct Module {
    enum Kind { case library, executable, system, c, tests, testSupport }
    var name: String
    var kind: Kind = .library
    /// Where the sources lie where that is not `Sources/` and the name.
    var path: String? = nil
    var imports: [String] = []
    var packages: [Target.Dependency] = []
    /// Modules that the tests of this one need beyond the module itself; nil: the module has no tests of its own.
    var tests: [String]? = nil
    /// What those tests need of other packages beyond what the module itself does.
    var testPackages: [Target.Dependency] = []
    /// Files of the module that are not sources.
    var exclude: [String] = []
    /// Files and folders of the tests that are not sources.
    var testFiles: [String] = []
}

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let modules: [Module] = [
    // Pure, synchronous, no I/O.
    Module(name: "Money", tests: []),
    Module(name: "Market", imports: ["Money"], tests: []),
    Module(name: "Indicators", imports: ["Market"], tests: [], testFiles: ["Fixtures"]),
    Module(name: "Trading", imports: ["Money", "Market"], tests: []),
    Module(name: "SyntheticMarket", imports: ["Market"], tests: []),
    Module(name: "Matching", tests: []),
    Module(name: "Strategies", imports: ["Market", "Trading", "Indicators"], tests: ["MarketData"]),
    Module(name: "Backtesting", imports: ["Money", "Market", "Trading", "Indicators", "Strategies"], tests: ["MarketData"]),
    Module(name: "Research", imports: ["Market", "Strategies", "Backtesting"], tests: []),
    Module(name: "Halt", tests: ["SimulationSupport"]),
    Module(name: "Coordination", tests: ["Halt", "SimulationSupport"]),
    // Exchanges: the vocabulary and the venues' protocols as pure values; `Web` carries the bytes.
    Module(name: "Exchange", imports: ["Money", "Market"], tests: []),
    Module(
        name: "Binance", path: "Sources/Exchanges/Binance", imports: ["Exchange", "Money", "Market"],
        packages: [crypto, cryptoExtras],
        tests: []),
    Module(
        name: "Kraken", path: "Sources/Exchanges/Kraken", imports: ["Exchange", "Money", "Market"], packages: [crypto], tests: []),
    Module(
        name: "PaperExchange", imports: ["Matching", "Exchange", "Money", "Market", "SyntheticMarket"], tests: ["Kraken"],
        testPackages: [crypto]),
    Module(
        name: "Web", imports: ["Exchange"], packages: [nio, nioPosix, nioHTTP, nioTLS, nioWebSocket, nioSSL],
        tests: ["WebTesting"], testPackages: [nioEmbedded]),
    Module(
        name: "PaperServer",
        imports: [
            "PaperExchange", "Matching", "Exchange", "Web", "Configuration", "MarketData", "SyntheticMarket", "Market", "Money",
        ],
        packages: [crypto], tests: []),
    // Web carriers without a network, for the tests of connectors and of the paper exchange.
    Module(name: "WebTesting", kind: .testSupport, imports: ["Exchange"]),
    Module(
        name: "Connectors", imports: ["Exchange", "Money", "Market"], packages: [log], tests: ["ConnectorTesting", "WebTesting"]),
    // One suite for every connector, and a venue in memory on which it runs first.
    Module(
        name: "ConnectorTesting", kind: .testSupport, imports: ["Connectors", "Exchange", "Money", "Market"]),
    // Venue files, credentials of accounts, and what is made of them: the one place that knows every connector.
    Module(
        name: "Venues",
        imports: [
            "Connectors", "Binance", "Kraken", "Web", "Configuration", "LiveGates", "MarketData", "Exchange", "Market", "Money",
        ],
        packages: [crypto], tests: ["PaperServer", "PaperExchange", "ConnectorTesting", "Matching", "SyntheticMarket"]),
    // Trading on a venue: the loop, its orders, its limits, as values.
    Module(name: "Orders", imports: ["Exchange", "Money", "Market"], tests: []),
    Module(name: "Risk", imports: ["Money", "Market"], tests: []),
    Module(name: "LiveGates", imports: ["Halt"], tests: []),
    Module(
        name: "DryRun", imports: ["Orders", "Exchange", "Money", "Market"], tests: [], testFiles: ["Fixtures"]),
    Module(
        name: "TradingLoop",
        imports: ["Orders", "Exchange", "Backtesting", "Strategies", "Trading", "Indicators", "Money", "Market"],
        tests: ["SyntheticMarket"]),
    Module(name: "TradingJournal", imports: ["TradingLoop", "Orders", "Exchange", "Money", "Market"], tests: []),
    Module(
        name: "DryRunJob",
        imports: [
            "TradingJournal", "DryRun", "TradingLoop", "Orders", "Exchange", "Backtesting", "Strategies", "Money", "Market",
        ],
        tests: ["SyntheticMarket", "Trading"]),
    Module(name: "Alerts", imports: ["Exchange", "Market"], tests: []),
    Module(
        name: "Drift",
        imports: [
            "TradingJournal", "TradingLoop", "Orders", "Exchange", "Backtesting", "Strategies", "Trading", "Money", "Market",
        ],
        tests: ["DryRunJob", "DryRun", "SyntheticMarket"]),
    Module(
        name: "LiveJob",
        imports: [
            "TradingJournal", "TradingLoop", "Orders", "Risk", "LiveGates", "Exchange", "Backtesting", "Strategies", "Money",
            "Market",
        ],
        tests: ["PaperExchange", "Binance", "Kraken", "Matching", "SyntheticMarket", "Halt", "Trading"], testPackages: [crypto]),
    // Files.
    Module(name: "CLZ4", kind: .system),
    Module(name: "CZstd", kind: .system),
    Module(name: "CZlib", kind: .system),
    Module(name: "MarketData", imports: ["Market", "CLZ4", "CZstd", "CZlib"], tests: ["SyntheticMarket"]),
    Module(
        name: "Configuration", imports: ["LiveGates", "Market", "Trading", "Strategies", "Backtesting", "Research"],
        packages: [yams],
        tests: []),
    // Bytes and threads; no trading.
    Module(name: "CZeroMQ", kind: .system),
    Module(name: "COperatingSystem", kind: .c),
    Module(name: "ZeroMQ", imports: ["CZeroMQ", "COperatingSystem"], tests: []),
    Module(name: "Transport", imports: ["ZeroMQ", "COperatingSystem"], tests: []),
    // The wire and the store.
    Module(
        name: "FleetProtocol", imports: ["Coordination", "Halt", "Money"], packages: [protobuf], tests: [], exclude: ["Protos"],
        testFiles: ["Fixtures"]),
    Module(name: "JobStore", imports: ["Coordination"], packages: [grdb], tests: []),
    Module(
        name: "OrderJournal", imports: ["Orders", "COperatingSystem"], packages: [grdb], tests: ["Exchange", "Money", "Market"]),
    // The processes.
    Module(
        name: "Execution",
        imports: [
            "LiveGates", "Halt", "Market", "Trading", "Strategies", "Backtesting", "Research", "MarketData", "Configuration",
        ],
        packages: [log, crypto], tests: ["SyntheticMarket"]),
    Module(
        name: "Fleet",
        imports: [
            "Money", "Market", "MarketData", "Strategies", "Backtesting", "Research", "Coordination", "Halt", "FleetProtocol",
            "Transport", "JobStore", "LiveGates", "Risk",
            "Execution", "Configuration", "COperatingSystem",
        ],
        packages: [log, lifecycle, yams, crypto], tests: []),
    // Tells people what goes wrong: the log and a webhook.
    Module(
        name: "AlertChannels", imports: ["Alerts", "Configuration", "Coordination", "Exchange"], packages: [log],
        tests: ["Web", "Halt"]),
    // Dry-runs in a worker process: the one module that knows both the fleet and the venues.
    Module(
        name: "TradingJobs",
        imports: [
            "Fleet", "FleetProtocol", "Coordination", "Halt", "Execution", "Configuration", "Venues", "Connectors", "Exchange",
            "DryRunJob", "DryRun", "LiveJob", "LiveGates", "Risk", "TradingJournal", "TradingLoop", "OrderJournal", "Orders",
            "Backtesting", "Strategies", "Market", "Money", "Alerts", "AlertChannels",
        ],
        packages: [log], tests: ["PaperServer", "PaperExchange", "Web"]),
    Module(
        name: "PragmaCLI",
        imports: [
            "TradingJobs", "Fleet", "FleetProtocol", "Coordination", "Halt", "LiveGates", "Execution", "Configuration",
            "MarketData",
            "Research",
            "Backtesting", "Strategies", "Trading", "Market", "SyntheticMarket", "Venues", "Connectors", "Exchange", "Web",
            "PaperExchange", "PaperServer", "TradingJournal", "TradingLoop", "Orders", "Risk", "Money", "Drift", "AlertChannels",
        ],
        packages: [arguments, log, crypto], tests: []),
    Module(name: "pragma", kind: .executable, imports: ["PragmaCLI"]),
    // What several simulations share: virtual time, a bad network, a disk, a store; and the simulation of a fleet with its halt.
    Module(name: "SimulationSupport", kind: .testSupport, imports: ["Coordination", "Halt"]),
    Module(name: "FleetSimulation", kind: .tests, imports: ["Coordination", "Halt", "SimulationSupport"], tests: []),
    // Tests of the built executable: they import nothing and start processes.
    Module(name: "EndToEnd", kind: .tests, tests: []),
]

// MARK: - What follows from the list

let chosen: Set<String> = {
    guard let only = Context.environment["PRAGMA_ONLY"], !only.isEmpty else { return Set(modules.map(\.name)) }
    let table = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0) })
    var open = only.split(separator: ",").map(String.init)
    var result: Set<String> = []
    while let name = open.popLast() {
        guard let module = table[name] else { fatalError("PRAGMA_ONLY names an unknown module: \(name)") }
        if result.insert(name).inserted { open += module.imports + (module.tests ?? []) }
    }
    return result
}()

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// `fma`, `round` and their like are calls on the baseline processor; nothing else pulls them into an executable that has no
/// Foundation.
let mathematics: [LinkerSetting] = [.linkedLibrary("m", .when(platforms: [.linux]))]

/// `PRAGMA_TESTS=Name,Name` leaves out the tests of all other modules.
let tested = Set((Context.environment["PRAGMA_TESTS"] ?? "").split(separator: ",").map(String.init))

func targets(of module: Module) -> [Target] {
    let dependencies = module.imports.map { Target.Dependency.byName(name: $0) } + module.packages
    var result: [Target] = []
    switch module.kind {
    case .library:
        result.append(
            .target(
                name: module.name, dependencies: dependencies, path: module.path, exclude: module.exclude,
                swiftSettings: settings,
                linkerSettings: mathematics))
    case .testSupport:
        result.append(
            .target(name: module.name, dependencies: dependencies, path: "Tests/" + module.name, swiftSettings: settings))
    case .executable:
        result.append(.executableTarget(name: module.name, dependencies: dependencies, swiftSettings: settings))
    case .system: result.append(.systemLibrary(name: module.name))
    case .c: result.append(.target(name: module.name))
    case .tests: break
    }
    if let extra = module.tests, tested.isEmpty || tested.contains(module.name) {
        let own: [Target.Dependency] = module.kind == .tests ? [] : [.byName(name: module.name)]
        result.append(
            .testTarget(
                name: module.name + "Tests",
                dependencies: own + dependencies + extra.map { .byName(name: $0) } + module.testPackages,
                exclude: module.testFiles, swiftSettings: settings))
    }
    return result
}

let packageSources: [String: Package.Dependency] = [
    "swift-protobuf": .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    "GRDB.swift": .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    "swift-crypto": .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    "swift-log": .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    "swift-service-lifecycle": .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    "swift-nio": .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    "swift-nio-ssl": .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    "Yams": .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    "swift-argument-parser": .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
]

let kept = modules.filter { chosen.contains($0.name) }
let usedPackages = Set(
    kept.flatMap { $0.packages + $0.testPackages }.compactMap { dependency -> String? in
        if case .productItem(_, let package, _, _) = dependency { package } else { nil }
    })

let package = Package(
    name: "Pragma",
    platforms: [.macOS(.v15)],
    products: [
        ["Strategies", "Indicators", "PragmaCLI"].filter(chosen.contains).map { .library(name: $0, targets: [$0]) },
        chosen.contains("pragma") ? [.executable(name: "pragma", targets: ["pragma"])] : [],
    ].flatMap { $0 },
    dependencies: usedPackages.sorted().compactMap { packageSources[$0] },
    targets: kept.flatMap(targets(of:))
)

// swift-tools-version: 6.2
import PackageDescription

// The benchmarks. They are a package of their own so that nobody who builds Pragma builds them. What they measure has `package`
// access, so the modules are compiled here again from the same sources (the folders are symbolic links), in this package's name.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let mathematics: [LinkerSetting] = [.linkedLibrary("m", .when(platforms: [.linux]))]
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

func module(_ name: String, _ imports: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: imports, exclude: exclude, swiftSettings: settings, linkerSettings: mathematics)
}

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        module("Money"),
        module("Market", ["Money"]),
        module("Indicators", ["Market"]),
        module("Trading", ["Money", "Market"]),
        module("Strategies", ["Market", "Trading", "Indicators"]),
        module("Backtesting", ["Money", "Market", "Trading", "Indicators", "Strategies"]),
        .systemLibrary(name: "CLZ4"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CZstd"),
        module("MarketData", ["Market", "CLZ4", "CZlib", "CZstd"]),
        module("Matching"),
        module("Exchange", ["Money", "Market"]),
        module("Binance", ["Exchange", "Money", "Market", crypto, .product(name: "CryptoExtras", package: "swift-crypto")]),
        module("Kraken", ["Exchange", "Money", "Market", crypto]),
        module("Halt"),
        module("Coordination"),
        .systemLibrary(name: "CZeroMQ"),
        .target(name: "COperatingSystem"),
        module("ZeroMQ", ["CZeroMQ", "COperatingSystem"]),
        module(
            "FleetProtocol", ["Coordination", "Halt", "Money", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["Protos"]),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Market", "Trading", "Strategies", "Backtesting", "MarketData", "Coordination", "FleetProtocol", "ZeroMQ",
                "Matching", "Money", "Exchange", "Binance", "Kraken",
            ],
            swiftSettings: settings, linkerSettings: mathematics),
    ])

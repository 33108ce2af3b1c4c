/// What the command line says over files and environment.
package struct CommandLineOverrides: Sendable {
    /// `--strategy NAME`.
    package var strategy: String?
    /// `--timeframe 5m`.
    package var timeframe: String?
    /// `--timerange START-STOP`.
    package var timerange: String?
    /// `--datadir DIR`.
    package var dataFolder: String?
    /// `--pairs`.
    package var pairs: [String] = []
    /// `--set name=value`: values of strategy parameters, as they were typed.
    package var parameters: [String] = []
    /// `--safety-phrase TEXT`.
    package var safetyPhrase: String?

    /// No overrides.
    package init() {}

    /// The overrides as an object that is merged over the configuration.
    ///
    /// `--timerange` and `--datadir` also replace the seed's `execution.timerange` and `execution.data_path`, which would
    /// otherwise contradict them; `removed` lists those paths.
    func object() -> (value: ConfigValue, removed: [[String]]) {
        var root = ConfigValue(.object([:]), at: SourceLocation(.commandLine("")))
        var removed: [[String]] = []
        func set(_ text: String?, _ path: String..., option: String) {
            guard let text else { return }
            root.set(ConfigValue(.string(text), at: SourceLocation(.commandLine(option))), at: path)
        }
        set(strategy, "strategy", option: "--strategy")
        set(timeframe, "timeframe", option: "--timeframe")
        set(timerange, "timerange", option: "--timerange")
        set(dataFolder, "datadir", option: "--datadir")
        set(safetyPhrase, "execution", "safety_phrase", option: "--safety-phrase")
        if timerange != nil { removed.append(["execution", "timerange"]) }
        if dataFolder != nil { removed.append(["execution", "data_path"]) }
        if !pairs.isEmpty {
            let place = SourceLocation(.commandLine("--pairs"))
            let list = pairs.map { ConfigValue(.string($0), at: place) }
            root.set(ConfigValue(.array(list), at: place), at: ["exchange", "pair_whitelist"])
        }
        return (root, removed)
    }
}

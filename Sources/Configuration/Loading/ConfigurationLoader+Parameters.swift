/// freqtrade's parameter file (`<Strategy>.json`, written by hyperopt): named by `strategy_parameters_file`.
extension ConfigurationLoader {
    /// `tree` with what its parameter file says where the configuration itself says nothing.
    package mutating func withParameterFile(_ tree: ConfigValue) -> ConfigValue {
        let root = SectionReader(tree, collector: collector)
        guard let name = root.nonEmpty("strategy_parameters_file"), let member = root.member("strategy_parameters_file") else {
            return tree
        }
        let folder = member.location.file.map(FilePaths.folder) ?? ""
        guard let file = loadFile(FilePaths.join(folder, name)) else { return tree }
        let reader = SectionReader(file, collector: collector)
        if let strategy = reader.string("strategy_name"), let own = root.member("strategy")?.string, strategy != own {
            reader.add(
                .conflict, "strategy_name", "is not the strategy of the configuration",
                remedy: "name the parameter file of \(SecretKeys.shortened(own))")
        }
        guard let parameters = reader.section("params") else { return tree }
        return merged(configuration(parameters), under: tree)
    }

    /// The file's content in the keys of a configuration.
    private func configuration(_ parameters: SectionReader) -> ConfigValue {
        var result = ConfigValue(.object([:]), at: parameters.value.location)
        for space in parameters.names {
            guard let section = parameters.section(space) else { continue }
            switch space {
            case "roi": result.set(section.value, at: ["minimal_roi"])
            case "stoploss", "trailing", "max_open_trades":
                for name in section.names { if let value = section.member(name) { result.set(value, at: [name]) } }
            case "protection":
                if !section.names.isEmpty {
                    parameters.add(.unsupported, space, "protections are not supported yet", remedy: "remove the section")
                }
            default:
                for name in section.names {
                    if let value = section.member(name) { result.set(value, at: ["strategy_parameters", name]) }
                }
            }
        }
        return result
    }

    private func merged(_ parameters: ConfigValue, under tree: ConfigValue) -> ConfigValue {
        var base = parameters
        // A ROI table is one thing: rows of two tables do not mix.
        if tree["minimal_roi"] != nil { base.remove(at: ["minimal_roi"]) }
        var conflicts: [ConfigValue.MergeConflict] = []
        let result = base.merged(with: tree, conflicts: &conflicts)
        for conflict in conflicts {
            collector.add(
                .error, .mergeConflict, at: conflict.later, key: conflict.path, "is no section", remedy: "write a section")
        }
        return result
    }
}

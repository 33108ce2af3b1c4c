/// Reads the files of a job configuration and merges them, the environment and the command line into one tree.
///
/// freqtrade's rules: of several files the later wins; `add_config_files` are read relative to the file that names them, and
/// that file wins over them; `FREQTRADE__SECTION__KEY` wins over files; the command line wins over all.
package struct ConfigurationLoader {
    /// How deep files may name further files.
    private static let maximumDepth = 5
    /// How many files are read at most.
    private static let maximumFiles = 100

    let source: FileSource
    let collector: ProblemCollector
    /// The files that were read, in the order of reading.
    package private(set) var files: [String] = []

    package init(source: FileSource, collector: ProblemCollector) {
        self.source = source
        self.collector = collector
    }

    /// The merged tree. Problems go to the collector; what can be read is returned all the same.
    package mutating func load(
        files names: [String], environment: [String: String] = [:], overrides: CommandLineOverrides = CommandLineOverrides()
    ) -> ConfigValue {
        var tree = loadFiles(names, folder: "", level: 0, ancestors: [])
        if let variables = EnvironmentOverrides.object(
            from: environment, prefix: EnvironmentOverrides.freqtradePrefix, collector: collector)
        {
            tree = merge(tree, variables)
        }
        let (options, removed) = overrides.object()
        for path in removed { tree.remove(at: path) }
        return merge(tree, options)
    }

    /// One file as a tree; nil, and a problem, where it cannot be read.
    package mutating func loadFile(_ path: String) -> ConfigValue? {
        guard files.count < Self.maximumFiles else {
            collector.add(
                .error, .includeLoop, at: SourceLocation(.file(path)), key: "",
                "is more than the \(Self.maximumFiles) files that a configuration may consist of",
                remedy: "merge some of them into one")
            return nil
        }
        files.append(path)
        let place = SourceLocation(.file(path))
        do {
            let limits = JSONReader.Limits()
            let (value, duplicates) = try JSONReader.read(
                try source.read(path, limits.bytes), origin: .file(path), limits: limits)
            for duplicate in duplicates {
                collector.add(
                    .warning, .duplicateKey, at: duplicate.second, key: SecretKeys.shortened(duplicate.path),
                    "stands twice, first in line \(duplicate.first.line); the later value counts",
                    remedy: "remove one of the two")
            }
            guard value.object != nil else {
                collector.add(
                    .error, .notAnObject, at: value.location, key: "", "the file holds \(value.kindName)",
                    remedy: "a configuration is a JSON object: { ... }")
                return nil
            }
            return value
        } catch let error as JSONReader.SyntaxError {
            collector.add(.error, .syntax, at: error.location, key: "", error.problem, remedy: error.remedy)
        } catch let error as FileSource.ReadError {
            collector.add(.error, .unreadable, at: place, key: "", error.problem, remedy: error.remedy)
        } catch {
            collector.add(.error, .unreadable, at: place, key: "", "cannot be read", remedy: "check the file")
        }
        return nil
    }

    private mutating func loadFiles(_ names: [String], folder: String, level: Int, ancestors: [String]) -> ConfigValue {
        var tree = ConfigValue(.object([:]))
        for name in names {
            let path = FilePaths.join(folder, name)
            guard let value = loadFile(path) else { continue }
            tree = merge(tree, withIncludes(value, path: path, level: level, ancestors: ancestors))
        }
        return tree
    }

    /// `value` merged over the files that it names.
    private mutating func withIncludes(_ value: ConfigValue, path: String, level: Int, ancestors: [String]) -> ConfigValue {
        let reader = SectionReader(value, collector: collector)
        guard let names = reader.strings("add_config_files"), !names.isEmpty else { return value }
        guard level < Self.maximumDepth, !ancestors.contains(path) else {
            reader.add(
                .includeLoop, "add_config_files", "files name each other in a circle, or deeper than \(Self.maximumDepth) levels",
                remedy: "remove the file that leads back")
            return value
        }
        let included = loadFiles(
            names.map(\.text), folder: FilePaths.folder(of: path), level: level + 1, ancestors: ancestors + [path])
        return merge(included, value)
    }

    private func merge(_ earlier: ConfigValue, _ later: ConfigValue) -> ConfigValue {
        var conflicts: [ConfigValue.MergeConflict] = []
        let result = earlier.merged(with: later, conflicts: &conflicts)
        for conflict in conflicts {
            collector.add(
                .error, .mergeConflict, at: conflict.later, key: conflict.path,
                "is a section here but a plain value in \(conflict.earlier)", remedy: "write both in the same form")
        }
        return result
    }
}

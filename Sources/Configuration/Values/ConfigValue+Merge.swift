/// Deep merging by freqtrade's rule: objects are merged member by member, everything else is replaced.
extension ConfigValue {
    /// Two values that cannot be merged: a section on one side and something else on the other.
    package struct MergeConflict: Hashable, Sendable {
        /// The key path of both.
        package var path: String
        /// Where the value that stays was written.
        package var later: SourceLocation
        /// Where the value that is replaced was written.
        package var earlier: SourceLocation
    }

    /// This value with `later` merged over it.
    ///
    /// A null overrides, as in freqtrade. A section over something that is no section stops freqtrade with a type error: here
    /// the section wins and the pair is added to `conflicts`. An earlier null counts as absent. An empty section changes nothing.
    package func merged(with later: ConfigValue, conflicts: inout [MergeConflict]) -> ConfigValue {
        guard case .object(let new) = later.kind else { return later }
        guard case .object(var members) = kind else {
            if new.isEmpty { return self }
            if !isNull { conflicts.append(MergeConflict(path: "", later: later.location, earlier: location)) }
            return later
        }
        for (name, value) in new {
            guard let old = members[name] else {
                members[name] = value
                continue
            }
            let known = conflicts.count
            members[name] = old.merged(with: value, conflicts: &conflicts)
            // The path is put together on the way back: one for every member would make deep objects with long names expensive.
            for index in known..<conflicts.count {
                let rest = conflicts[index].path
                conflicts[index].path = rest.isEmpty ? name : ConfigPath.joined(name, rest)
            }
        }
        // What is missing in a section is looked for in its file: an option has no lines.
        let place = later.location.file == nil && location.file != nil ? location : later.location
        return ConfigValue(.object(members), at: place)
    }
}

/// Key paths as they are printed: `exchange.pair_whitelist[2]`.
package enum ConfigPath {
    /// The path of member `name` of the value at `path`.
    package static func joined(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : path + "." + name
    }

    /// The path of element `index` of the value at `path`.
    package static func joined(_ path: String, _ index: Int) -> String { path + "[\(index)]" }
}

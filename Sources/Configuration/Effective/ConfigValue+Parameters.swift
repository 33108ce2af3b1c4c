import Strategies

extension ConfigValue {
    /// Parameter values as the `strategy_parameters` section.
    static func parameters(_ values: ParameterValues) -> ConfigValue {
        let members = zip(values.names, values.values).map { ($0, parameter($1)) }
        return ConfigValue(.object(Dictionary(uniqueKeysWithValues: members)))
    }

    /// One parameter value.
    static func parameter(_ value: ParameterValue) -> ConfigValue {
        switch value {
        case .integer(let number): ConfigValue(.number(ConfigNumber(Int64(number))))
        case .decimal(let number): ConfigValue(.number(ConfigNumber(number)))
        case .boolean(let flag): ConfigValue(.boolean(flag))
        case .text(let text): ConfigValue(.string(text))
        }
    }
}

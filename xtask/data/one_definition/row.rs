    /// Says a word back.
    read echo(Echo) -> String,
    keyless: true, since: "0.1.0", denials: [];


//! The formats that a tenant uses.

use super::alphabet::Symbols;
use super::format::CodeFormat;
use super::world::World;
use crate::Invalid;

/// The registered formats of a tenant, at first the four without a prefix. Length and prefix alone tell which of them a
/// text has, so that a text is tried against one format only.
///
/// In JSON a list of formats.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<CodeFormat>", into = "Vec<CodeFormat>")]
pub struct Formats(Vec<CodeFormat>);

impl Default for Formats {
    fn default() -> Self {
        Self(CodeFormat::PLAIN.to_vec())
    }
}

impl Formats {
    /// Just these formats, for a tenant that wants a prefix which the plain ones leave no room for (see [`Formats::add`]).
    ///
    /// # Errors
    /// As [`Formats::add`].
    pub fn only(formats: impl IntoIterator<Item = CodeFormat>) -> Result<Self, Invalid> {
        let mut registered = Self(Vec::new());
        formats.into_iter().try_for_each(|format| registered.add(format))?;
        Ok(registered)
    }

    /// Registers `format`; registering it again changes nothing.
    ///
    /// # Errors
    /// `format`: a registered format has the same length in all, and the prefix of one begins with that of the other. So a
    /// prefix of four or eight symbols may clash with a plain format of four or eight symbols more.
    pub fn add(&mut self, format: CodeFormat) -> Result<(), Invalid> {
        if self.contains(&format) {
            return Ok(());
        }
        // `TEST` stands before both or neither, so what is told apart in one world is told apart in the other.
        if let Some(other) = self.0.iter().find(|other| are_confused(other, &format)) {
            let allowed = format!("a length and prefix that cannot be read as {other}");
            return Err(Invalid::new("format", format, allowed));
        }
        self.0.push(format);
        Ok(())
    }

    /// Whether `format` is registered.
    pub fn contains(&self, format: &CodeFormat) -> bool {
        self.0.contains(format)
    }

    /// The registered formats, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &CodeFormat> {
        self.0.iter()
    }

    /// The format that `text` has the shape of in `world`, whatever its bits say: a public word with such a shape would be
    /// taken for a sealed code.
    pub fn has_shape(&self, text: &str, world: World) -> Option<CodeFormat> {
        let symbols = Symbols::read(text)?;
        let fits = |format: &CodeFormat| format.strip(symbols.as_str(), &format.effective_prefix(world)).is_some();
        self.0.iter().copied().find(fits)
    }
}

fn are_confused(one: &CodeFormat, other: &CodeFormat) -> bool {
    let (first, second) = (one.prefix.folded(), other.prefix.folded());
    let symbols = |format: &CodeFormat, prefix: &str| usize::from(format.symbols()) + prefix.len();
    symbols(one, first) == symbols(other, second) && (first.starts_with(second) || second.starts_with(first))
}

impl TryFrom<Vec<CodeFormat>> for Formats {
    type Error = Invalid;

    fn try_from(formats: Vec<CodeFormat>) -> Result<Self, Invalid> {
        Self::only(formats)
    }
}

impl From<Formats> for Vec<CodeFormat> {
    fn from(formats: Formats) -> Self {
        formats.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> CodeFormat {
        text.parse().unwrap()
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let mut formats = Formats::default();
        formats.add(format("VIP+16")).unwrap();
        formats.add(format("V1P+16")).unwrap();
        assert_eq!(formats.iter().count(), 5, "one format under two spellings");
        let clash = formats.add(format("SALE+12")).unwrap_err();
        assert_eq!((clash.field.as_str(), clash.given.as_str()), ("format", "SALE+12"));
        formats.add(format("SALE+24")).unwrap();
        formats.add(format("VIPS+24")).unwrap();
        formats.add(format("SALE+12")).unwrap_err();
        assert!(Formats::only([format("VIPSALE+12"), format("VIP+16")]).is_err());
        assert!(Formats::only([format("SALE+12"), format("VIP+16"), format("BARGA1N+12")]).is_ok());
    }

    #[test]
    fn shape_is_length_and_prefix() {
        let mut formats = Formats::default();
        formats.add(format("VIP+16")).unwrap();
        assert_eq!(formats.has_shape("WELCOME2SHOP", World::Live), Some(CodeFormat::S12));
        assert_eq!(formats.has_shape("welcome-2-shop", World::Live), Some(CodeFormat::S12));
        assert_eq!(formats.has_shape("WELCOME2SHOP", World::Test), None);
        assert_eq!(formats.has_shape("TESTWELCOME2SHOP", World::Test), Some(CodeFormat::S12));
        assert_eq!(formats.has_shape("vip0000000000000000", World::Live), Some(format("VIP+16")));
        assert_eq!(formats.has_shape("SUMMER20", World::Live), None);
    }

    #[test]
    fn json_is_a_checked_list() {
        let formats: Formats = serde_json::from_str(r#"[{"symbols":16},{"symbols":12,"prefix":"VIP"}]"#).unwrap();
        assert_eq!(formats.iter().count(), 2);
        assert!(serde_json::from_str::<Formats>(r#"[{"symbols":16},{"symbols":12,"prefix":"SALE"}]"#).is_err());
    }
}

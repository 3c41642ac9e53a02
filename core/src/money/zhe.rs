//! 折: what is left of ten. 8折 is 2,000 basis points off, 85折 and 8.5折 are both 1,500.

use super::WHOLE_BP;
use crate::Invalid;

/// A share off as people write it: `8折`, `8.5折`; `免费` where nothing is left, `不打折` where nothing comes off.
pub fn zhe(off_bp: u32) -> String {
    match WHOLE_BP.saturating_sub(off_bp) {
        0 => "免费".to_owned(),
        WHOLE_BP => "不打折".to_owned(),
        left => {
            let (whole, rest) = (left / 1_000, left % 1_000);
            let rest = format!("{rest:03}");
            let rest = rest.trim_end_matches('0');
            let point = if rest.is_empty() { "" } else { "." };
            format!("{whole}{point}{rest}折")
        }
    }
}

/// Reads a share off: `8折`, `8.5折`, `85折`, `八折`, `八五折`, `半价`, `免费`; without the 折 as well.
///
/// # Errors
/// What is none of these, or lies outside of 0.001折 to 9.999折.
pub fn off_bp_of_zhe(field: &str, text: &str) -> Result<u32, Invalid> {
    match text.trim() {
        "半价" => return Ok(WHOLE_BP / 2),
        "免费" => return Ok(WHOLE_BP),
        _ => {}
    }
    let refused = || Invalid::new(field, format!("{} bytes", text.len()), "a share such as 8折, 8.5折, 85折 or 八五折");
    let digits = text.trim().trim_end_matches('折').trim_end();
    let pointed = digits.split_once(['.', '点']);
    let (whole, rest) = pointed.unwrap_or_else(|| first_apart(digits));
    // 10折 is no share off, whatever its digits say.
    let rest_good = if pointed.is_some() { rest.chars().count() <= 3 } else { rest.is_empty() || is_one_more(rest) };
    if whole.chars().count() != 1 || !rest_good {
        return Err(refused());
    }
    let mut left = 0;
    for place in 0..4 {
        let digit = whole.chars().chain(rest.chars()).nth(place).map_or(Some(0), digit);
        left = left * 10 + digit.ok_or_else(refused)?;
    }
    if left == 0 { Err(refused()) } else { Ok(WHOLE_BP - left) }
}

/// 85折 is 8.5折: the first digit counts tenths.
fn first_apart(digits: &str) -> (&str, &str) {
    digits.split_at(digits.chars().next().map_or(0, char::len_utf8))
}

fn is_one_more(rest: &str) -> bool {
    rest.chars().count() == 1 && rest.chars().all(|letter| digit(letter) != Some(0))
}

fn digit(letter: char) -> Option<u32> {
    let chinese = "零一二三四五六七八九".chars().position(|known| known == letter);
    letter.to_digit(10).or(chinese.and_then(|value| u32::try_from(value).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        for off_bp in 1..WHOLE_BP {
            assert_eq!(off_bp_of_zhe("off", &zhe(off_bp)), Ok(off_bp), "{}", zhe(off_bp));
        }
        assert_eq!(
            (zhe(2_000), zhe(1_500), zhe(5), zhe(0)),
            ("8折".into(), "8.5折".into(), "9.995折".into(), "不打折".into())
        );
    }

    #[test]
    fn people_write_it_in_many_ways() {
        let same =
            [("8折", 2_000), ("八折", 2_000), ("85折", 1_500), ("八五折", 1_500), ("8.5", 1_500), ("半价", 5_000)];
        for (text, off_bp) in same {
            assert_eq!(off_bp_of_zhe("off", text), Ok(off_bp), "{text}");
        }
        for text in ["", "折", "10折", "0折", "-8折", "8.55555折", "八百折", "SECRET"] {
            assert!(off_bp_of_zhe("off", text).is_err(), "{text}");
        }
    }
}

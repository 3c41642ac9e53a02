//! Points on the earth, and whether one lies near another or within a polygon. No float is on the wire: degrees are whole millionths.

use std::fmt;

use geo::{Contains, Distance, Haversine, LineString, Point as GeoPoint, Polygon, Validation};
use serde::{Deserialize, Serialize};

use super::attribute::check_text;
use crate::Invalid;

/// Where an order is bought. Debug does not show it: it is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The point, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// The host's word for the region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// A point in degrees of WGS 84, in whole millionths: a tenth of a metre.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Latitude in millionths of a degree, −90,000,000 to 90,000,000.
    pub lat_e6: i64,
    /// Longitude in millionths of a degree, −180,000,000 to 180,000,000.
    pub lon_e6: i64,
}

/// All points that are no farther away than so many metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Circle {
    /// Latitude of the middle, in millionths of a degree.
    pub lat_e6: i64,
    /// Longitude of the middle, in millionths of a degree.
    pub lon_e6: i64,
    /// 1 to 20,000,000 metres.
    pub metres: i64,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(…)")
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Point(…)")
    }
}

impl Place {
    pub(super) fn check(&self, field: &str) -> Result<(), Invalid> {
        self.point.map_or(Ok(()), |point| point.check(&format!("{field}.point")))?;
        self.region.as_deref().map_or(Ok(()), |region| check_text(&format!("{field}.region"), region))
    }
}

#[allow(clippy::cast_precision_loss, reason = "checked: at most 180 million, which a double holds exactly")]
fn degrees(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}

impl Point {
    fn check(self, field: &str) -> Result<(), Invalid> {
        for (name, value, most) in [("lat_e6", self.lat_e6, 90_000_000), ("lon_e6", self.lon_e6, 180_000_000)] {
            if !(-most..=most).contains(&value) {
                let allowed = format!("-{most} to {most} millionths of a degree");
                return Err(Invalid::new(format!("{field}.{name}"), "a number beyond it", allowed));
            }
        }
        Ok(())
    }

    fn geo(self) -> GeoPoint<f64> {
        GeoPoint::new(degrees(self.lon_e6), degrees(self.lat_e6))
    }
}

impl Circle {
    fn middle(self) -> Point {
        Point { lat_e6: self.lat_e6, lon_e6: self.lon_e6 }
    }

    /// How far a point is from its middle, in whole metres, on a sphere.
    #[allow(clippy::cast_possible_truncation, reason = "at most half the earth's girth")]
    pub(super) fn metres_to(self, point: Point) -> i64 {
        Haversine.distance(self.middle().geo(), point.geo()).round() as i64
    }
}

/// A test of a point, ready to be made.
#[derive(Debug, Clone)]
pub(super) enum Area {
    Circle(Circle),
    Polygon(Box<Polygon<f64>>),
}

/// Most corners of a polygon.
const CORNERS_MAX: usize = 1_000;

impl Area {
    pub(super) fn circle(field: &str, circle: Circle) -> Result<Self, Invalid> {
        circle.middle().check(field)?;
        if (1..=20_000_000).contains(&circle.metres) {
            return Ok(Self::Circle(circle));
        }
        Err(Invalid::new(format!("{field}.metres"), circle.metres, "1 to 20000000"))
    }

    /// A polygon of its corners; the last one is joined to the first.
    pub(super) fn polygon(field: &str, corners: &[Point]) -> Result<Self, Invalid> {
        if !(3..=CORNERS_MAX).contains(&corners.len()) {
            return Err(Invalid::new(field, corners.len(), format!("3 to {CORNERS_MAX} corners")));
        }
        corners.iter().enumerate().try_for_each(|(place, corner)| corner.check(&format!("{field}[{place}]")))?;
        let lons = || corners.iter().map(|corner| corner.lon_e6);
        if lons().max().unwrap_or(0) - lons().min().unwrap_or(0) > 180_000_000 {
            let allowed = "at most 180 degrees of longitude; across the date line write two polygons in `any`";
            return Err(Invalid::new(field, "a wider polygon", allowed));
        }
        let ring: LineString<f64> = corners.iter().map(|corner| corner.geo().0).collect();
        let polygon = Polygon::new(ring, Vec::new());
        if polygon.is_valid() {
            return Ok(Self::Polygon(Box::new(polygon)));
        }
        Err(Invalid::new(field, "corners that make no area, or sides that cross", "the corners of an area, in order"))
    }

    pub(super) fn holds(&self, point: Point) -> bool {
        match self {
            Self::Circle(circle) => circle.metres_to(point) <= circle.metres,
            Self::Polygon(polygon) => polygon.contains(&point.geo()),
        }
    }
}

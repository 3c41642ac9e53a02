//! Conditions: what an order must be for a card to help. Plain data, checked when a template is saved, compiled once, asked without
//! allocating, explained on request. docs/conditions.md is for those who write them.

mod attribute;
mod compile;
mod compiled;
mod condition;
mod domain;
mod exec;
mod explain;
mod fact;
mod facts;
mod line_filter;
mod needs;
mod operator;
mod order;
mod place;
mod product_set;
mod program;
#[cfg(test)]
pub(crate) mod property_tests;
mod schema;
mod segment;
mod sense;
mod words;

pub use attribute::{AttrValue, Attribute, Attributes, Attrs};
pub(crate) use compile::Filter;
pub use compile::{DEPTH_MAX, NODES_MAX};
pub use compiled::CompiledConditions;
pub use condition::{Condition, LineCondition, LinesTest, Matching, SetRef};
pub use explain::{Explained, ExplainedTexts};
pub(crate) use fact::FactName;
pub use fact::{AttributeOf, FactOf, FactType, KnownFact};
pub(crate) use facts::Facts;
pub use line_filter::{LineFilter, Over, ProductSets};
pub(crate) use line_filter::{check_category, nothing_picked};
pub(crate) use needs::{Breadth, Need, Needs, Said, breadth_of, says_currency};
pub use operator::{Comparison, FactTest, Scalar, Test};
pub use order::{Line, Order};
pub use place::{Circle, Place, Point};
pub use product_set::ProductSet;
pub(crate) use program::{Compiled, Picks, Program, Programs, check_conditions, pin_attributes};
pub(crate) use schema::template_schema;
pub use segment::SegmentBy;
pub(crate) use segment::{Segment, Segmented};

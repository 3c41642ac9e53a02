//! Nothing: this package stands for what it depends on (see its manifest).

//! tmp
use std::time::Instant;
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let plan =
        rolechain::pipeline::Plan { sources: vec![a[1].clone()], threads: a[2].parse().unwrap(), ..Default::default() };
    let t = Instant::now();
    let o = rolechain::pipeline::run(&plan, &rolechain::pipeline::Silent).unwrap();
    eprintln!(
        "{:?} {:?} sessions {} chains {} assumptions {}",
        t.elapsed(),
        o.lineage.observations.counts.unique,
        o.lineage.sessions.len(),
        o.lineage.chains.len(),
        o.lineage.observations.assumptions.len()
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    eprintln!("{}", status.lines().filter(|l| l.starts_with("VmHWM")).collect::<String>());
}

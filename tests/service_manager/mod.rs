//! The program as a service of systemd: its messages, its watchdog and sockets passed to it.

mod passed_sockets;
mod state;

    # engines that desks or persons have started run from the same files; they end in order on SIGTERM
    engines=""
    for entry in /proc/[0-9]*; do
      case "$(readlink "$entry/exe" 2>/dev/null)" in /usr/lib/radrecon/radrecon*) ;; *) continue ;; esac
      # not those of a container or another root, which has a package of its own
      [ "$(stat -Lc %d:%i "$entry/root" 2>/dev/null)" = "$(stat -Lc %d:%i /)" ] || continue
      if tr '\0' '\n' <"$entry/cmdline" 2>/dev/null | grep -qx engine; then engines="$engines ${entry#/proc/}"; fi
    done
    for engine in $engines; do
      echo "radrecon: stopping the engine with process id $engine"
      kill "$engine" 2>/dev/null || true
    done
    for engine in $engines; do
      tries=0
      while [ -d "/proc/$engine" ] && [ "$tries" -lt 150 ]; do
        sleep 0.2
        tries=$((tries + 1))
      done
      [ ! -d "/proc/$engine" ] || kill -9 "$engine" 2>/dev/null || true
    done

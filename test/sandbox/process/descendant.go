package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// descendants are the processes that this one has started, and that those have, as far as they still run.
func descendants() []int {
	parents := parents()
	var found []int
	for pid := range parents {
		if descends(pid, os.Getpid(), parents) {
			found = append(found, pid)
		}
	}
	return found
}

// descends follows the parents of a process. Processes come and go while they are read, and a number that is used again
// could lead in a circle: nobody has more ancestors than there are processes.
func descends(pid, from int, parents map[int]int) bool {
	for range len(parents) {
		parent, ok := parents[pid]
		if !ok {
			return false
		}
		if parent == from {
			return true
		}
		pid = parent
	}
	return false
}

// parents are the processes that run, each with its parent.
func parents() map[int]int {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	all := make(map[int]int, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		if pid, parent, ok := parentIn(string(text)); ok {
			all[pid] = parent
		}
	}
	return all
}

// parentIn reads a process and its parent from its stat file. It is not ok for one that has ended and waits to be buried.
// The program's name stands in parentheses and may have any character in it, these included.
func parentIn(stat string) (pid, parent int, ok bool) {
	number, _, _ := strings.Cut(stat, " ")
	pid, err := strconv.Atoi(number)
	end := strings.LastIndex(stat, ") ")
	if err != nil || end < 0 {
		return 0, 0, false
	}
	var state string
	if _, err := fmt.Sscan(stat[end+2:], &state, &parent); err != nil {
		return 0, 0, false
	}
	return pid, parent, state != "Z" && state != "X"
}

// SPDX-License-Identifier: Apache-2.0

package rds

// storage is what an instance keeps its data on.
type storage struct {
	kind       string
	size       int32
	most       *int32 // autoscaling's limit
	iops       *int32
	throughput *int32
}

// Sizes in GiB.
const (
	largestStorage  = 65536
	gp3Striped      = 400 // from here on gp3 is faster, and can be tuned
	gp3Iops         = 3000
	gp3Throughput   = 125
	gp3IopsLarge    = 12000
	gp3ThroughLarge = 500
)

// newStorage checks and completes what is asked of new storage.
func newStorage(engine string, in storageInput) (storage, error) {
	st := storage{kind: in.StorageType, size: orElse(in.AllocatedStorage, 0), iops: in.Iops, throughput: in.StorageThroughput}
	if st.kind == "" {
		st.kind = "gp3"
		if in.Iops != nil {
			st.kind = "io1"
		}
	}
	if err := st.check(engine); err != nil {
		return st, err
	}
	st.complete()
	return st, st.scale(in.MaxAllocatedStorage)
}

func (st *storage) check(engine string) error {
	least, known := map[string]int32{"gp2": 20, "gp3": 20, "io1": 100, "io2": 100, "standard": 5}[st.kind]
	if !known {
		return invalidValue("Invalid storage type: %s", st.kind)
	}
	if st.size < least || st.size > largestStorage {
		return invalidValue("Invalid storage size for engine name %s and storage type %s: %d", engine, st.kind, st.size)
	}
	provisioned := st.kind == "io1" || st.kind == "io2"
	switch {
	case provisioned && st.iops == nil:
		return invalidCombination("You must specify IOPS when using storage type %s.", st.kind)
	case provisioned && (*st.iops < 1000 || *st.iops > 256000):
		return invalidCombination("Invalid IOPS value for engine name %s and storage type %s: %d", engine, st.kind, *st.iops)
	case st.kind == "gp3" && st.size < gp3Striped && st.tuned():
		return invalidCombination("You can't specify IOPS or storage throughput for engine %s and a storage size less than %d.", engine, gp3Striped)
	case st.kind != "gp3" && st.throughput != nil:
		return invalidCombination("You can't specify storage throughput for storage type %s.", st.kind)
	case (st.kind == "gp2" || st.kind == "standard") && st.iops != nil:
		return invalidCombination("You can't specify IOPS for storage type %s.", st.kind)
	}
	return nil
}

// tuned says whether IOPS or throughput differ from what small gp3 storage has
// anyway.
func (st *storage) tuned() bool {
	return orElse(st.iops, gp3Iops) != gp3Iops || orElse(st.throughput, gp3Throughput) != gp3Throughput
}

// complete fills in what AWS chooses.
func (st *storage) complete() {
	if st.kind != "gp3" {
		return
	}
	iops, throughput := int32(gp3Iops), int32(gp3Throughput)
	if st.size >= gp3Striped {
		iops, throughput = gp3IopsLarge, gp3ThroughLarge
	}
	if st.iops == nil {
		st.iops = &iops
	}
	if st.throughput == nil {
		st.throughput = &throughput
	}
}

// scale sets autoscaling's limit. The size itself as a limit turns it off.
func (st *storage) scale(most *int32) error {
	if most == nil {
		return nil
	}
	if *most == st.size {
		st.most = nil
		return nil
	}
	if *most < st.size {
		return invalidCombination("Max storage size must be greater than storage size")
	}
	if int64(*most)*10 < int64(st.size)*11 {
		return invalidCombination("The maximum allocated storage must be increased by at least 10 percent.")
	}
	st.most = most
	return nil
}

// grown returns the size that an existing storage gets where want is asked
// for: never less, and at least a tenth more.
func grown(have, want int32) (int32, error) {
	if want < have {
		return have, invalidCombination("Invalid storage size: the requested storage size (%d) cannot be less than the current storage size (%d).", want, have)
	}
	if want == have {
		return have, nil
	}
	return max(want, have+(have+9)/10), nil
}

func storageOf(d *description) storage {
	return storage{kind: d.StorageType, size: d.AllocatedStorage, most: d.MaxAllocatedStorage, iops: d.Iops, throughput: d.StorageThroughput}
}

func (st *storage) into(d *description) {
	d.StorageType, d.AllocatedStorage, d.MaxAllocatedStorage = st.kind, st.size, st.most
	d.Iops, d.StorageThroughput = st.iops, st.throughput
}

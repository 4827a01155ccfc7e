package metric

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// MayRead says of each viewer why what the Plan tells is not for them; nil: they
// would be told the very same if they asked. Whoever would be refused may not
// read it, nor whoever would be told of other deals: a Plan that is narrowed to
// its own viewer's people says "yours" and means theirs, so it is for nobody
// else. Rights are applied by compiling the Query as each of them; those of
// equal rights are asked once.
func (p *Plan) MayRead(viewers []Viewer) ([]*Refusal, error) {
	out, known := make([]*Refusal, len(viewers)), map[string]*Refusal{}
	for i, v := range viewers {
		rights := v.rights()
		refusal, asked := known[rights]
		if !asked {
			var err error
			if refusal, err = p.mayRead(v); err != nil {
				return nil, err
			}
			known[rights] = refusal
		}
		out[i] = refusal
	}
	return out, nil
}

func (p *Plan) mayRead(v Viewer) (*Refusal, error) {
	theirs, err := p.catalog.plan(&Plan{
		Query: p.Query, viewer: v, company: p.company, present: standing{revision: p.present.revision}, unrolled: p.unrolled,
	}, p.present.moment)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal, nil
	case err != nil:
		return nil, err
	case p.Narrowed || theirs.Narrowed || !reflect.DeepEqual(p.Statements, theirs.Statements):
		return &Refusal{Code: CodeNotAllowed, Message: "Asked by them, it would count other deals: those that they may see."}, nil
	default:
		return nil, nil
	}
}

// rights are what of a viewer decides what they may see, as a key.
func (v Viewer) rights() string {
	if v.All {
		return fmt.Sprint(v.Role, " all")
	}
	return fmt.Sprint(v.Role, slices.Sorted(slices.Values(v.People)))
}

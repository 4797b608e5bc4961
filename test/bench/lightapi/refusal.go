package lightapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// refusal is an answer that is not the one that was asked for.
type refusal struct {
	code    int
	reason  metav1.StatusReason
	message string
}

// Error is the sentence.
func (r refusal) Error() string {
	return r.message
}

// status is the refusal in Kubernetes' words.
func (r refusal) status() metav1.Status {
	return metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure,
		Code: int32(r.code), Reason: r.reason, Message: r.message, //nolint:gosec // three digits
	}
}

func notFound(what string) refusal {
	return refusal{http.StatusNotFound, metav1.StatusReasonNotFound, what + " not found"}
}

// expired says that a version lies before what is remembered.
func expired(number, forgotten int64) refusal {
	return refusal{http.StatusGone, metav1.StatusReasonExpired, fmt.Sprintf("too old resource version: %d (%d)", number, forgotten)}
}

// ahead says that a version has not come yet.
func ahead(number, last int64) refusal {
	return refusal{http.StatusGatewayTimeout, metav1.StatusReasonTimeout, fmt.Sprintf("Too large resource version: %d, current: %d", number, last)}
}

// answer writes JSON, or why there is none.
func answer(w http.ResponseWriter, value any, err error) {
	w.Header().Set("Content-Type", "application/json")
	var refused refusal
	switch {
	case errors.As(err, &refused):
		w.WriteHeader(refused.code)
		value = refused.status()
	case err != nil:
		w.WriteHeader(http.StatusInternalServerError)
		value = refusal{http.StatusInternalServerError, metav1.StatusReasonInternalError, err.Error()}.status()
	}
	if raw, ok := value.([]byte); ok {
		w.Write(raw)
		return
	}
	_ = json.NewEncoder(w).Encode(value) // a client that has gone wants no answer
}
